"""The scripted model: which rule answers, how fast, and what a faulty script says."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from studio.providers.completions import CompletionRequest, Finish, TextDelta, ToolCall
from studio.providers.errors import ProviderError
from studio.providers.manifests import load_providers
from studio.providers.plugin_modules import load_adapter
from studio.runtime.virtual_time import VirtualLoop


class Model:
    """A scripted model in virtual time, asked line by line."""

    def __init__(self, folder: Path, script: str, name: str = "model.toml") -> None:
        file = folder / name
        file.write_text(script)
        self._engine = load_adapter(load_providers()["local"], "completions:ScriptedModel")(file)

    def ask(self, *messages: Any, paced: bool = True) -> list[tuple[float, Any]]:
        """Seconds and delta of each piece."""

        async def go() -> list[tuple[float, Any]]:
            loop = asyncio.get_running_loop()
            rows = [{"role": "user", "content": row} if isinstance(row, str) else row for row in messages]
            request = CompletionRequest("m", rows, paced=paced)
            return [(loop.time(), delta) async for delta in self._engine.complete(request)]

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(go())

    def text(self, *messages: Any) -> str:
        return "".join(delta.text for _, delta in self.ask(*messages) if isinstance(delta, TextDelta))

    def failure(self, *messages: Any) -> ProviderError:
        with pytest.raises(ProviderError) as error:
            self.ask(*messages)
        return error.value


def tool(name: str, **content: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": "call-1", "name": name, "content": content}


def test_the_first_rule_that_fits_answers(tmp_path: Path):
    model = Model(tmp_path, '[[rule]]\nsaid = "PRICE|cost"\ntext = "Ten."\n[[rule]]\ntext = "You said {said}."')
    assert model.text("what is the price") == "Ten."
    assert model.text("what is the price", "and now") == "You said and now."


def test_pace_is_on_the_loop_s_time(tmp_path: Path):
    model = Model(tmp_path, 'first_token_ms = 500\ntokens_per_second = 4\n[[rule]]\ntext = "One two three."')
    assert [at for at, _ in model.ask("hi")] == [0.5, 0.75, 1.0, 1.0]
    assert [at for at, _ in model.ask("hi", paced=False)] == [0, 0, 0, 0]


def test_a_tool_is_called_and_its_answer_is_answered(tmp_path: Path):
    model = Model(
        tmp_path,
        """
        [[rule]]
        tool = "weather"
        text = "It is {degrees} degrees."
        [[rule]]
        said = "weather"
        tools = [{ name = "weather", arguments = { city = "Rome" } }]
        """,
    )
    (_, call), (_, end) = model.ask("the weather")
    assert call == ToolCall("call-1", "weather", {"city": "Rome"})
    assert isinstance(end, Finish)
    assert end.reason == "tool_calls"
    assert model.text("the weather", tool("weather", degrees=19)) == "It is 19 degrees."


def test_turn_and_times_limit_a_rule(tmp_path: Path):
    model = Model(
        tmp_path, '[[rule]]\nturn = 2\ntext = "Second."\n[[rule]]\ntimes = 1\ntext = "Once."\n[[rule]]\ntext = "Else."'
    )
    assert [model.text("a"), model.text("a", "b"), model.text("c")] == ["Once.", "Second.", "Else."]


def test_a_rule_may_fail(tmp_path: Path):
    error = Model(tmp_path, '[[rule]]\nerror = "limit"\nsentence = "Too much."').failure("hi")
    assert (error.failure, str(error)) == ("limit", "Too much.")


def test_no_rule_fits_says_what_to_do(tmp_path: Path):
    error = Model(tmp_path, '[[rule]]\nsaid = "x"\ntext = "X."').failure("hi")
    assert str(error).startswith("No rule of the script model.toml fits “hi” (turn 1).")


def test_json_is_read_too_and_a_changed_file_anew(tmp_path: Path):
    model = Model(tmp_path, '{"rule": [{"text": "One."}]}', "model.json")
    assert model.text("hi") == "One."
    (tmp_path / "model.json").write_text('{"rule": [{"text": "Another."}]}')
    assert model.text("hi") == "Another."


@pytest.mark.parametrize(
    ("script", "part"),
    [
        ("rule = 3", "takes rules as [[rule]]"),
        ("[[rule]", "cannot be read"),
        ("[[rule]]\nqqq = 'x'", "has no 'qqq' in a rule (rule 1); a rule takes said, turn"),
        ("[[rule]]\ntxt = 'x'", "has no 'txt' in a rule (rule 1); did you mean 'text'? A rule takes said, turn"),
        ("[[rule]]\ntext = 3", "takes a text as text, not 3 (rule 1)"),
        ("[[rule]]\nturn = 0", "takes a whole number from 1 as turn"),
        ("[[rule]]\nsaid = '('", "has a faulty expression in said of rule 1"),
        ("[[rule]]\nerror = 'oops'", "knows no error 'oops'"),
        ("[[rule]]\ntools = ['x']", "takes tools as"),
        ("speed = 3", "has no 'speed'"),
    ],
)
def test_a_faulty_script_says_what_and_where(tmp_path: Path, script: str, part: str):
    assert part in str(Model(tmp_path, script).failure("hi"))


def test_a_missing_script_says_so(tmp_path: Path):
    model = Model(tmp_path, "")
    (tmp_path / "model.toml").unlink()
    assert "cannot be read" in str(model.failure("hi"))
