"""Votes are kept, and a result says no more than they do."""

import random
from pathlib import Path

import pytest

from studio.app.bench.blind import BlindTrial, Contender
from studio.app.bench.votes import Vote, VoteBook, standings, verdict


def votes(*rows: tuple[str, str, int]) -> list[Vote]:
    return [Vote("Hi", first, second, winner) for first, second, winner in rows]


def test_votes_are_kept_by_text_and_broken_lines_are_passed_over(tmp_path: Path) -> None:
    book = VoteBook(tmp_path / "state" / "votes.jsonl")
    assert book.of("Hi") == []
    assert book.add(Vote("Hi", "a", "b", 1)) == ""
    book.add(Vote("Bye", "a", "b", 2))
    with (tmp_path / "state" / "votes.jsonl").open("a") as file:
        file.write('{"text": "Hi", "first": "a"}\nnot json\n{"text": "Hi", "first": "a", "second": "b", "winner": 7}\n')
    (vote,) = VoteBook(tmp_path / "state" / "votes.jsonl").of("Hi")
    assert (vote.first, vote.winner) == ("a", 1)
    assert vote.when


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be kept" in VoteBook(tmp_path / "file" / "votes.jsonl").add(Vote("Hi", "a", "b", 1))


def test_who_wins_more_stands_higher_and_a_tie_is_half_a_win() -> None:
    ranked = standings(votes(("a", "b", 1), ("b", "c", 1), ("a", "c", 1), ("a", "b", 0)))
    assert [standing.name for standing in ranked] == ["a", "b", "c"]
    assert (ranked[0].wins, ranked[0].ties, ranked[0].votes) == (2, 1, 3)
    assert all(standing.low < standing.score < standing.high for standing in ranked)
    assert [standing.score for standing in standings(votes(("a", "b", 0)))] == pytest.approx([0.5, 0.5])


def test_few_votes_leave_it_open_and_many_settle_it() -> None:
    assert "leave it open" in verdict(standings(votes(("a", "b", 1))))
    assert verdict(standings(votes(*[("a", "b", 1)] * 20))) == "a is preferred, and clearly so."
    assert "no favourite" in verdict(standings(votes(("a", "b", 1), ("a", "b", 2))))
    assert "no votes" in verdict(standings([]))


def test_more_votes_make_the_range_narrower() -> None:
    few, many = (standings(votes(*[("a", "b", 1), ("a", "b", 2)] * n))[0] for n in (1, 20))
    assert many.high - many.low < few.high - few.low


def trial(count: int, seed: int = 1) -> BlindTrial:
    return BlindTrial("Hi", [Contender(f"v{n}", f"V{n}", f"clip-{n}") for n in range(count)], random.Random(seed))


def test_every_two_meet_once_in_random_order_on_random_sides() -> None:
    seen: list[tuple[str, str]] = []
    blind, kept = trial(6), []
    while pair := blind.pair:
        seen.append((pair[0].name, pair[1].name))
        blind.listen(1), blind.listen(2)
        assert blind.vote(1, kept.append) == ""
    assert len({frozenset(pair) for pair in seen}) == len(seen) == 15
    assert kept == blind.votes
    assert seen != sorted(seen)
    assert {first < second for first, second in seen} == {True, False}
    assert blind.place == (15, 15)


def test_one_votes_on_what_one_has_heard() -> None:
    blind, kept = trial(3), []
    blind.listen(1)
    assert "Hear both" in blind.vote(1, kept.append)
    assert kept == []
    blind.listen(2)
    assert blind.vote(2, kept.append) == ""
    assert "Hear both" in blind.vote(2, kept.append)


def test_it_can_be_ended_before_all_have_met() -> None:
    blind = trial(3)
    blind.listen(1), blind.listen(2)
    pair = blind.pair
    blind.vote(2, lambda vote: None)
    blind.end()
    assert blind.pair is None
    assert blind.result()[0].name == pair[1].name
    assert blind.title_of("v1") == "V1"
