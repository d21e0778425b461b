"""When a provider that fails is left alone, and when it is asked again."""

import pytest

from studio.providers.breaker import FIRST_S, WITHIN_S, Breakers, Health, worse
from studio.providers.errors import ProviderError


class Clock:
    now = 100.0
    version = 0


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breakers(clock):
    return Breakers(lambda: clock.version, lambda: clock.now)


def failure(kind="dropped", retry_after_s=None):
    return ProviderError("azure", kind, "It failed.", retry_after_s=retry_after_s)


def test_one_failure_is_forgiven_and_a_second_one_soon_after_is_not(breakers, clock):
    breakers.failed(failure())
    assert (breakers.allows("azure"), breakers.state("azure").state) == (True, "closed")
    clock.now += WITHIN_S - 1
    breakers.failed(failure("stalled"))
    assert (breakers.allows("azure"), breakers.state("azure").state) == (False, "open")
    assert breakers.allows("openai")


def test_failures_that_lie_far_apart_do_not_add_up(breakers, clock):
    for _ in range(5):
        breakers.failed(failure())
        clock.now += WITHIN_S + 1
    assert breakers.allows("azure")


@pytest.mark.parametrize("kind", ["refused", "unknown_voice", "unknown_model", "no_key"])
def test_what_concerns_one_question_only_says_nothing_about_the_provider(breakers, kind):
    for _ in range(5):
        breakers.failed(failure(kind))
    assert breakers.allows("azure")
    assert breakers.state("azure").error.failure == kind


@pytest.mark.parametrize(("retry_after_s", "alone_s"), [(None, FIRST_S), (1.0, FIRST_S), (90.0, 90.0)])
def test_a_limit_is_heeded_at_once_and_for_as_long_as_the_provider_asks(breakers, clock, retry_after_s, alone_s):
    breakers.failed(failure("limit", retry_after_s))
    assert breakers.state("azure").open_until == clock.now + alone_s
    clock.now += alone_s - 0.1
    assert not breakers.allows("azure")
    clock.now += 0.2
    assert breakers.allows("azure")


def test_after_its_time_one_question_finds_out_and_the_others_do_not_wait_for_it(breakers, clock):
    breakers.failed(failure("bad_key"))
    clock.now += FIRST_S
    assert breakers.state("azure").state == "half-open"
    assert [breakers.allows("azure") for _ in range(3)] == [True, False, False]
    breakers.succeeded("azure")
    assert (breakers.allows("azure"), breakers.state("azure").state, breakers.health()) == (True, "closed", {})


def test_a_provider_that_fails_again_is_left_alone_for_twice_as_long(breakers, clock):
    breakers.failed(failure("limit"))
    for alone_s in (30.0, 60.0, 120.0, 240.0, 300.0, 300.0):
        clock.now = breakers.state("azure").open_until
        assert breakers.allows("azure")
        breakers.failed(failure("stalled"))
        assert breakers.state("azure").open_until == clock.now + alone_s


def test_answers_that_were_under_way_when_it_was_left_alone_do_not_prolong_that(breakers, clock):
    breakers.failed(failure("limit"))
    until = breakers.state("azure").open_until
    clock.now += 5
    breakers.failed(failure("limit"))
    assert breakers.state("azure").open_until == until


def test_a_question_whose_answer_was_never_told_does_not_shut_a_provider_out_for_ever(breakers, clock):
    breakers.failed(failure("limit"))
    clock.now += FIRST_S
    assert breakers.allows("azure")
    clock.now += FIRST_S
    assert breakers.allows("azure")


def test_another_account_is_asked_at_once(breakers, clock):
    breakers.failed(failure("bad_key"))
    clock.version += 1
    assert breakers.allows("azure")
    assert breakers.health() == {}


def test_of_two_the_one_counts_that_keeps_a_provider_from_being_asked():
    def failed(state, at):
        return Health(state, ProviderError("azure", "dropped", f"at {at}"), at)

    speaks = {"azure": failed("open", 1.0), "openai": failed("closed", 5.0)}
    hears = {"azure": failed("closed", 9.0), "openai": failed("closed", 6.0), "deepgram": failed("open", 1.0)}
    assert worse(speaks, hears) == {**hears, "azure": speaks["azure"]} == worse(hears, speaks)
