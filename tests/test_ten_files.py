"""`larstudy init` on ten files as a new user has them: what is guessed, and the study that comes out.

One cohort of twenty is in all of them. Persons 19 and 20 are lost at follow-up. Of the other eighteen, those
with an abstinent network then (1 to 6) rise by 6 on average, with a drug-dominated one (7 to 12) by 3, the
isolated (13 to 18) by 0; even numbers one more, odd ones one less. So 18 persons change by 3 on average. Of
the abstinent 1 and 4 were so at the start (1, 4, 7 ... are): two maintained it, four gained it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import select
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyreadstat
import pytest

import larstudy as ls
from larstudy.cli import main
from larstudy.draft_dialogue import converse, finish
from larstudy.draft_facts import look_at
from larstudy.drafts import draft_study
from larstudy.handbook.pages import page_of

WORDS = {1: "Rusfritt", 2: "Ruspreget", 3: "Isolert"}
STATUS = {1: "Fullført", 2: "I behandling", 3: "Frafalt"}
#: What an author who does not want to wait adds.
SHORT = "\n[analysis]\nmodels = []\nmissing = []\nbootstrap = 0\npermutations = 0\n"
MEANS = {
    "all": (18, 3.0), "maintained_abstinent": (2, 6.0), "gained_abstinent": (4, 6.0),
    "drug_dominated": (6, 3.0), "isolated": (6, 0.0),
}  # fmt: skip


def rise(i: int) -> int:
    return {0: 6, 1: 3, 2: 0}[(i - 1) // 6] + (1 if i % 2 == 0 else -1)


def long() -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for i in range(1, 21):
        fixed = {
            "lopenr": 100 + i,
            "status": i % 3 + 1,
            "alder": 25 + i,
            "kjonn": i % 2,
            "klinikk": i % 4 + 1,
        }
        first = dt.date(2023, 1, 1) + dt.timedelta(days=i)
        rows.append({**fixed, "t": 0, "score": 40 + i, "net": (i - 1) % 3 + 1, "dato": first})
        if i < 19:
            later = {"t": 1, "score": 40 + i + rise(i), "net": (i - 1) // 6 + 1}
            rows.append({**fixed, **later, "dato": first + dt.timedelta(days=360 + i)})
    return pd.DataFrame(rows)


def wide(name: Callable[[str, int], str]) -> pd.DataFrame:
    """One row a person; `name` gives the column of what was measured at a wave."""
    by_wave = long().pivot(index="lopenr", columns="t", values=["score", "net"])
    found = pd.DataFrame({"lopenr": by_wave.index})
    for what in ("score", "net"):
        for wave in (0, 1):
            found[name(what, wave)] = by_wave[what, wave].to_numpy(dtype=float)
    return found


def items(wave: str, later: bool) -> Callable[[int], dict[str, float]]:
    """Ten answers to QOL10: 4 (worth 0.3) at the start, less by 0, 1 or 2 later; each step is worth 0.2."""

    def answers(i: int) -> dict[str, float]:
        if later and i > 18:
            return {f"qol10_{item}_{wave}": float("nan") for item in range(1, 11)}
        # Odd and even differ in one item of the social five, by a step in either direction.
        own = 4.0 - (2 - (i - 1) // 6 if later else 0)
        odd = (1.0 if i % 2 else -1.0) if later else 0.0
        return {f"qol10_{item}_{wave}": own + (odd if item == 4 else 0.0) for item in range(1, 11)}

    return answers


class User:
    """Somebody who answers by what the question says, with Enter where there is nothing else to say."""

    def __init__(self, says: Mapping[str, str]) -> None:
        self.says = dict(says)
        self.left = set(says)
        self.shown: list[str] = []

    def tell(self, text: str) -> None:
        self.shown.append(text)

    def ask(self, prompt: str) -> str:
        question = prompt if "Write it" in prompt else self.shown[-1]
        assert "Type a number" not in question, self.shown[-2:]
        for words, typed in self.says.items():
            if words in question:
                self.left.discard(words)
                return typed
        return ""


def drafted(
    paths: Sequence[Path], says: Mapping[str, str], **options: str
) -> tuple[dict[str, Any], Path, User]:
    """Return the study file that the dialogue ends with, where it is written, and the user."""
    user = User(says)
    source = look_at(*paths, **options)
    out, text = finish(source, converse(source, user.ask, user.tell), user.ask, user.tell)
    assert not user.left, f"never asked: {user.left}"
    out.write_text(text + SHORT, encoding="utf-8")
    return tomllib.loads(text), out, user


def changes(study: Path) -> dict[str, tuple[int, float]]:
    assert ls.check(study).ok, ls.check(study).summary()
    frame = ls.analyse(ls.load(study)).to_frame("change")
    whole = frame[(frame["stratum"] == "all") & (frame["n"] > 0)]
    return {
        str(row["group"]): (int(row["n"]), round(float(row["estimate"]), 9)) for _, row in whole.iterrows()
    }


HIGHER = "better or worse"


def test_1_long_norwegian_csv(tmp_path: Path) -> None:
    frame = long().assign(net=lambda f: f["net"].map(WORDS), status=lambda f: f["status"].map(STATUS))
    frame = frame.drop(columns="dato").rename(
        columns={
            "lopenr": "løpenr",
            "t": "måling",
            "score": "livskvalitet",
            "net": "nettverk",
            "kjonn": "kjønn",
        }
    )
    path = tmp_path / "data.csv"
    frame.to_csv(path, index=False, sep=";", decimal=",", encoding="cp1252")
    guessed = tomllib.loads(draft_study(path))
    assert guessed["data"] == {
        "file": "data.csv", "layout": "long", "person": "løpenr", "wave": "måling",
        "waves": {"baseline": 0, "wave_1": 1}, "cluster": "klinikk",
    }  # fmt: skip
    assert guessed["covariates"] == {"columns": ["alder", "kjønn"], "categorical": ["kjønn"]}
    assert guessed["network"]["values"] == {
        "abstinent": ["Rusfritt"], "drug_dominated": ["Ruspreget"], "isolated": ["Isolert"],
    }  # fmt: skip
    assert guessed["treatment_status"]["column"] == "status"
    values, study, _ = drafted([path], {HIGHER: "1"})
    assert values["outcomes"] == {"livskvalitet": {"column": "livskvalitet", "higher_is": "better"}}
    assert changes(study) == MEANS


def test_2_wide_workbook_with_items(tmp_path: Path) -> None:
    net = wide(lambda what, wave: f"{ {'net': 'nettverk', 'score': 'poeng'}[what] }_t{wave}")
    frame = net.drop(columns=["poeng_t0", "poeng_t1"]).rename(columns={"lopenr": "pasientnr"})
    first, later = items("t0", later=False), items("t1", later=True)
    frame = frame.join(pd.DataFrame([{**first(i), **later(i)} for i in range(1, 21)]))
    path = tmp_path / "data.xlsx"
    frame.to_excel(path, index=False)
    guessed = tomllib.loads(draft_study(path))
    assert guessed["data"]["person"] == "pasientnr"
    assert guessed["data"]["waves"] == ["t0", "t1"]
    assert list(guessed["outcomes"]) == ["qol10_global"]
    assert "network" not in guessed
    assert "# its codes: 1, 2, 3" in draft_study(path)
    says = {
        "Which scale of QOL10": "2",
        "What does 1": "1",
        "What does 2": "drug_dominated",
        "What does 3": "2",
    }
    values, study, _ = drafted([path], says)
    assert values["outcomes"]["qol10_social"]["items"]["4"] == "qol10_4_{wave}"
    # Answers less by 2, 1, 0 are 0.4, 0.2, 0 more; one item of five a step up or down evens out.
    expected = {
        "all": 0.2,
        "maintained_abstinent": 0.4,
        "gained_abstinent": 0.4,
        "drug_dominated": 0.2,
        "isolated": 0.0,
    }
    assert changes(study) == {group: (MEANS[group][0], mean) for group, mean in expected.items()}


def test_3_spss_with_labels(tmp_path: Path) -> None:
    frame = (
        long()
        .drop(columns=["dato", "klinikk"])
        .rename(columns={"t": "tidspunkt", "score": "QoLS", "net": "omgang"})
    )
    path = tmp_path / "data.sav"
    labels = {
        "tidspunkt": {0: "Oppstart", 1: "12 måneder"},
        "omgang": {**WORDS, 9: "Vet ikke"},
        "status": STATUS,
        "kjonn": {0: "Mann", 1: "Kvinne"},
    }
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    guessed = tomllib.loads(draft_study(path))
    assert (guessed["data"]["person"], guessed["data"]["wave"]) == ("lopenr", "tidspunkt")
    assert guessed["network"]["column"] == "omgang"
    assert guessed["covariates"]["columns"] == ["alder", "kjonn"]
    assert '# codes without a meaning: "Vet ikke"' in draft_study(path)
    values, study, user = drafted([path], {HIGHER: "better", "What does Vet ikke": "4"})
    assert values["network"]["missing_codes"] == ["Vet ikke"]
    assert any("1 (12 måneder)" in text for text in user.shown)
    assert changes(study) == MEANS


def test_4_stata_with_months(tmp_path: Path) -> None:
    frame = wide(lambda what, wave: f"{ {'net': 'net', 'score': 'whoqol_sum'}[what] }_{('bl', '12m')[wave]}")
    path = tmp_path / "data.dta"
    labels = {"net_bl": WORDS, "net_12m": WORDS}
    pyreadstat.write_dta(frame, str(path), variable_value_labels=labels)
    guessed = tomllib.loads(draft_study(path))
    assert guessed["data"]["waves"] == ["bl", "12m"]
    assert guessed["outcomes"]["whoqol_sum"] == {"column": "whoqol_sum_{wave}"}
    assert guessed["network"]["column"] == "net_{wave}"
    _, study, _ = drafted([path], {HIGHER: "1"})
    assert changes(study) == MEANS


DICTIONARY = """"Variable / Field Name","Form Name","Field Type","Choices, Calculations, OR Slider Labels"
record_id,svar,text,
score,svar,text,
net,svar,radio,"1, Rusfritt | 2, Ruspreget | 3, Isolert"
"""


def test_5_redcap_with_its_dictionary(tmp_path: Path) -> None:
    frame = long()[["lopenr", "t", "score", "net"]].rename(
        columns={"lopenr": "record_id", "t": "redcap_event_name"}
    )
    events = {0: "baseline_arm_1", 1: "aar_1_arm_1"}
    frame["redcap_event_name"] = frame["redcap_event_name"].map(events)
    export, fields = tmp_path / "export.csv", tmp_path / "fields.csv"
    frame.to_csv(export, index=False)
    fields.write_text(DICTIONARY, encoding="utf-8")
    alone = draft_study(export)
    assert "name the data dictionary of REDCap too" in alone
    guessed = tomllib.loads(draft_study(export, fields))
    assert guessed["data"]["dictionary"] == "fields.csv"
    assert guessed["data"]["wave"] == "redcap_event_name"
    assert guessed["network"]["values"]["isolated"] == ["Isolert"]
    # By the alphabet the year comes first.
    _, study, _ = drafted([fields, export], {HIGHER: "1", "Which is the start": "baseline_arm_1"})
    assert changes(study) == MEANS


def test_6_parquet_with_prefixes(tmp_path: Path) -> None:
    frame = wide(lambda what, wave: f"{wave + 1}_{ {'net': 'nettverk', 'score': 'livskvalitet'}[what] }")
    for name in ("1_nettverk", "2_nettverk"):
        frame[name] = frame[name].map(WORDS)
    path = tmp_path / "data.parquet"
    frame.to_parquet(path)
    guessed = tomllib.loads(draft_study(path))
    assert guessed["data"]["waves"] == ["1", "2"]
    assert guessed["outcomes"]["livskvalitet"]["column"] == "{wave}_livskvalitet"
    assert guessed["network"]["column"] == "{wave}_nettverk"
    _, study, _ = drafted([path], {HIGHER: "1"})
    assert changes(study) == MEANS


@pytest.mark.parametrize("side_by_side", [False, True])
def test_7_two_files(tmp_path: Path, side_by_side: bool) -> None:
    frame = long()[["lopenr", "t", "score", "net"]].assign(net=lambda f: f["net"].map(WORDS))
    first, later = (frame[frame["t"] == wave].drop(columns="t") for wave in (0, 1))
    later = later.rename(columns={"lopenr": "pid"})
    if side_by_side:
        first = first.rename(columns={"score": "score_t0", "net": "net_t0"})
        later = later.rename(columns={"score": "score_t1", "net": "net_t1"})
    paths = [tmp_path / "start.csv", tmp_path / "later.csv"]
    for path, part in zip(paths, (first, later), strict=True):
        part.to_csv(path, index=False)
    guessed = tomllib.loads(draft_study(*paths))["data"]
    assert guessed["layout"] == ("wide" if side_by_side else "long")
    second = {"file": "later.csv", "person": "pid"}
    assert guessed["files"] == (
        ["start.csv", second] if side_by_side else {"baseline": "start.csv", "followup": second}
    )
    assert guessed["person"] == "lopenr"
    _, study, _ = drafted(paths, {HIGHER: "1"})
    assert changes(study) == MEANS


def test_8_dates(tmp_path: Path) -> None:
    frame = long()[["lopenr", "dato", "score", "net"]].assign(net=lambda f: f["net"].map(WORDS))
    # A visit whose date nobody wrote down belongs to no wave.
    frame = pd.concat([frame, pd.DataFrame([{"lopenr": 121, "score": 50, "net": "Isolert"}])])
    path = tmp_path / "data.csv"
    frame.to_csv(path, index=False, date_format="%Y-%m-%d")
    guessed = tomllib.loads(draft_study(path))["data"]
    assert guessed["date"] == "dato"
    # Follow-up came after 361 to 378 days: the median is 369.5, and half of it 185 (rounded to even: 370).
    assert guessed["windows"] == {"baseline": [0, 185], "month12": [186, 370, 555]}
    _, study, _ = drafted([path], {HIGHER: "1"})
    assert changes(study) == MEANS


def test_9_total_score_and_free_time(tmp_path: Path) -> None:
    """A score that says nothing of its direction, and EuropASI's codes: 1 and 3 abstinent, 2 and 4 not, 5 alone."""
    frame = wide(lambda what, wave: f"{ {'net': 'fritid', 'score': 'X'}[what] }.{wave + 1}")
    for name in ("fritid.1", "fritid.2"):
        frame[name] = frame[name].map({1.0: 3.0, 2.0: 4.0, 3.0: 5.0})
    path = tmp_path / "data.csv"
    frame.to_csv(path, index=False)
    guessed = tomllib.loads(draft_study(path))
    assert guessed["data"]["waves"] == ["1", "2"]
    assert guessed["outcomes"] == {"X": {"column": "X.{wave}"}}
    assert guessed["network"] == {"rule": "europasi", "columns": {"free_time_with": "fritid.{wave}"}}
    values, study, _ = drafted([path], {HIGHER: "2"})
    assert values["outcomes"]["X"]["higher_is"] == "worse"
    assert changes(study) == MEANS


def test_10_nothing_that_can_be_recognised(tmp_path: Path) -> None:
    names = {"score": ("aa", "bb"), "net": ("cc", "dd")}
    frame = wide(lambda what, wave: names[what][wave]).rename(columns={"lopenr": "zz"})
    path = tmp_path / "data.csv"
    frame.to_csv(path, index=False)
    draft = draft_study(path)
    guessed = tomllib.loads(draft)
    assert set(guessed) == {"study", "data"}
    for what in ("the ids of the persons", "which columns are outcomes", "the network categories"):
        assert what in draft
    says = {
        "who a row is about": "zz",
        "the outcome, such as a score of quality of life, at the start": "aa",
        "the outcome, such as a score of quality of life, at follow-up": "bb",
        "holds the network at the start": "cc",
        "holds the network at follow-up": "dd",
        HIGHER: "1",
        "What does 1": "1",
        "What does 2": "3",
        "What does 3": "2",
    }
    values, study, _ = drafted([path], says)
    assert values["outcomes"]["outcome"]["column"] == {"baseline": "aa", "followup": "bb"}
    assert changes(study) == MEANS


def questionnaires() -> pd.DataFrame:
    """A wide file with one score whose direction is not known, and a network in codes."""
    return wide(lambda what, wave: f"{what}_t{wave}")


class TestDialogue:
    def talked(self, path: Path, typed: Sequence[str]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
        """Return what was decided and all that was shown; what is typed must be just enough."""
        left = list(typed)
        shown: list[str] = []
        answers = converse(look_at(path), lambda prompt: left.pop(0), shown.append)
        assert left == []
        return dict(answers), shown

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "data.csv"
        questionnaires().to_csv(path, index=False)
        return path

    # person, baseline, outcomes, direction, network, three codes
    ENOUGH = ("", "", "", "1", "", "1", "3", "2")

    def test_numbers_enter_and_names(self, path: Path) -> None:
        answers, shown = self.talked(path, self.ENOUGH)
        assert answers == {
            "person": ("lopenr",), "baseline": ("t0",), "outcomes": ("score",), "higher:score": ("better",),
            "network": ("net",), "network:1": ("abstinent",), "network:2": ("drug_dominated",),
            "network:3": ("isolated",),
        }  # fmt: skip
        assert any("Enter: lopenr" in text for text in shown)
        by_name = ("lopenr", "t0", "score", "better", "net", "abstinent", "drug_dominated", "isolated")
        assert self.talked(path, by_name)[0] == answers

    def test_back(self, path: Path) -> None:
        """From the first question there is no way back; else the answer before is asked for again."""
        answers, shown = self.talked(path, ("<", "", "", "", "1", "<", "2", *self.ENOUGH[4:]))
        assert answers["higher:score"] == ("worse",)
        assert "This is the first question." in shown

    def test_explained_with_a_page_that_is_there(self, path: Path) -> None:
        pages = set()
        for place in range(len(self.ENOUGH)):
            typed = [*self.ENOUGH[:place], "?", *self.ENOUGH[place:]]
            (more,) = [text for text in self.talked(path, typed)[1] if "More: larstudy docs" in text]
            pages.add(more.rsplit("larstudy docs ", 1)[1])
        assert pages == {"draft_a_study_file", "score_a_questionnaire", "network_rules"}
        assert all(page_of(page).text for page in pages)

    def test_what_cannot_be_an_answer_is_asked_again(self, path: Path) -> None:
        """There is nothing to take by Enter where a direction must be decided; 0 and 3 are no choices."""
        wrong = ("", "0", "3", "bettter")
        answers, shown = self.talked(path, (*self.ENOUGH[:3], *wrong, *self.ENOUGH[3:]))
        assert answers["higher:score"] == ("better",)
        assert shown.count("Type a number from 1 to 2, or ? for an explanation.") == 3
        assert "Type a number from 1 to 2, or ? for an explanation. Is better meant?" in shown

    def test_no_network(self, path: Path) -> None:
        answers, _ = self.talked(path, (*self.ENOUGH[:4], "2"))
        assert answers["network"] == ()
        assert "network:1" not in answers
        draft = draft_study(path, answers=answers)
        assert "network categories, or the rule" not in draft
        assert "# [network]                # the categories that your file has" in draft

    def test_several_outcomes(self, tmp_path: Path) -> None:
        frame = questionnaires().assign(vekt_t0=range(20), vekt_t1=range(20))
        frame.to_csv(tmp_path / "data.csv", index=False)
        typed = ("", "", "1, 2", "1", "2", *self.ENOUGH[4:])
        answers, _ = self.talked(tmp_path / "data.csv", typed)
        assert answers["outcomes"] == ("score", "vekt")
        assert (answers["higher:score"], answers["higher:vekt"]) == (("better",), ("worse",))
        # Enter takes what is named as a score is, and leaves weight.
        assert self.talked(tmp_path / "data.csv", self.ENOUGH)[0]["outcomes"] == ("score",)

    def test_never_overwritten(self, path: Path) -> None:
        there = path.parent / "study.toml"
        there.write_text("mine", encoding="utf-8")
        typed = iter(["", str(path.parent / "other.toml")])
        shown: list[str] = []
        out, _ = finish(look_at(path), {}, lambda prompt: next(typed), shown.append)
        assert out == path.parent / "other.toml"
        assert any("nothing is overwritten" in text for text in shown)
        assert there.read_text(encoding="utf-8") == "mine"
        left_open = next(text for text in shown if text.startswith("Left open"))
        assert left_open.splitlines()[1:] == [
            "  which way each outcome points (higher_is), where it is not an instrument",
            "  the network categories, or the rule for them",
            "  the treatment status",
        ]

    def test_rare_codes_are_counted_only(self, tmp_path: Path) -> None:
        """A code of one person is shown neither in the draft nor in a question."""
        frame = questionnaires()
        frame.loc[0, "net_t0"] = 7777
        frame.to_csv(tmp_path / "data.csv", index=False)
        _, shown = self.talked(tmp_path / "data.csv", self.ENOUGH)
        draft = draft_study(tmp_path / "data.csv")
        assert "# its codes: 1, 2, 3, 1 more, too rare to be shown" in draft
        assert "7777" not in draft + "".join(shown)

    def test_rare_words_are_counted_only(self, tmp_path: Path) -> None:
        """A word that stands in two rows may be what one person wrote at both waves."""
        frame = (
            long()
            .drop(columns="dato")[["lopenr", "t", "score", "net"]]
            .assign(net=lambda f: f["net"].map(WORDS))
        )
        frame.loc[[0, 1], "net"] = "hos Kari"
        frame.to_csv(tmp_path / "data.csv", index=False)
        draft = draft_study(tmp_path / "data.csv")
        _, shown = self.talked(tmp_path / "data.csv", ("", "", "", "", "1", "", "", "", ""))
        assert "# codes without a meaning: 1 more, too rare to be shown" in draft
        assert "Kari" not in draft + "".join(shown)

    def test_rows_and_waves_that_are_not_recognised(self, tmp_path: Path) -> None:
        """Ids repeat, and no column is named as waves or holds dates: the user says which it is."""
        frame = long()[["lopenr", "t", "score"]].rename(columns={"t": "omgangnr", "lopenr": "hvem"})
        frame.to_csv(tmp_path / "data.csv", index=False)
        typed = ("hvem", "", "omgangnr", "", "", "1")
        answers, _ = self.talked(tmp_path / "data.csv", typed)
        data = tomllib.loads(draft_study(tmp_path / "data.csv", answers=answers))["data"]
        assert (data["person"], data["wave"], data["waves"]) == (
            "hvem",
            "omgangnr",
            {"baseline": 0, "wave_1": 1},
        )


def on_terminal(folder: Path, keys: Sequence[bytes], *arguments: str) -> tuple[str, int]:
    """Run `larstudy init` in a real pseudo-terminal, type at each prompt, and return what it shows and its code.

    Where more is asked than there are keys, the end of the input is typed, so that nothing waits for ever.
    """
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "larstudy", "init", *arguments]
    # Whoever runs the tests may have been told to be deaf to Ctrl-C, and children inherit that.
    hear = "import os, signal, sys; signal.signal(2, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
    child = subprocess.Popen(
        [sys.executable, "-c", hear, *command], cwd=folder, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    left = list(keys)
    key = shown = b""
    until = time.monotonic() + 120
    with suppress(OSError):
        # Whoever waits for a prompt that never comes must not wait for ever.
        while time.monotonic() < until:
            if select.select([master], [], [], 5)[0]:
                if not (got := os.read(master, 65536)):
                    break
                shown += got
                # A prompt may come in two pieces.
                if not shown.endswith(b"> "):
                    continue
                key = left.pop(0) if left else b"\x04"
            elif key != b"\x03" or not shown.endswith(b"> "):
                continue
            # Ctrl-C is pressed again where nothing came of it: between showing a prompt and waiting for an
            # answer Python's line reader is deaf to it. Not every container turns the key into a signal.
            if key == b"\x03":
                child.send_signal(signal.SIGINT)
            else:
                os.write(master, key)
    os.close(master)
    try:
        return shown.decode(), child.wait(timeout=120)
    except subprocess.TimeoutExpired:
        child.kill()
        raise


class TestCommand:
    """The same without a terminal of its own: what the command does with what is typed."""

    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        questionnaires().to_csv(tmp_path / "data.csv", index=False)
        return tmp_path / "data.csv"

    def type_as(self, monkeypatch: pytest.MonkeyPatch, ask: Callable[[str], str]) -> None:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        monkeypatch.setattr("builtins.input", ask)

    def test_written_where_it_was_asked_for(
        self, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        typed = iter([*TestDialogue.ENOUGH, ""])
        self.type_as(monkeypatch, lambda prompt: next(typed))
        out = data.parent / "mine.toml"
        assert main(["init", str(data), "--out", str(out)]) == 0
        assert f"Written to {out}. Look it through, then run: larstudy check {out}" in capsys.readouterr().out
        assert tomllib.loads(out.read_text(encoding="utf-8"))["outcomes"]["score"]["higher_is"] == "better"

    @pytest.mark.parametrize("stop", [KeyboardInterrupt, EOFError])
    def test_stopped_at_the_last_question(
        self,
        data: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        stop: type[BaseException],
    ) -> None:
        typed = iter(TestDialogue.ENOUGH)

        def ask(prompt: str) -> str:
            if "Write it" in prompt:
                raise stop
            return next(typed)

        self.type_as(monkeypatch, ask)
        assert main(["init", str(data)]) == 1
        assert capsys.readouterr().out.endswith("Stopped. Nothing was written.\n")
        assert [path.name for path in data.parent.iterdir()] == ["data.csv"]


class TestSeveralFiles:
    def files(self, folder: Path, *frames: pd.DataFrame) -> list[Path]:
        paths = [folder / f"file{place}.csv" for place in range(len(frames))]
        for path, frame in zip(paths, frames, strict=True):
            frame.to_csv(path, index=False)
        return paths

    def test_without_an_id_in_one(self, tmp_path: Path) -> None:
        frame = questionnaires()
        paths = self.files(tmp_path, frame, frame.drop(columns="lopenr"))
        with pytest.raises(ls.DataError, match=r"file1\.csv: has no column that is named as an id"):
            draft_study(*paths)

    def test_somebody_twice_in_one(self, tmp_path: Path) -> None:
        frame = questionnaires()
        first, later = (frame[["lopenr", f"score_t{wave}", f"net_t{wave}"]] for wave in (0, 1))
        paths = self.files(tmp_path, first, pd.concat([later, later.head(1)]))
        with pytest.raises(ls.DataError, match="1 row repeats an id"):
            draft_study(*paths)


def test_what_looks_like_a_clinic_and_is_none(tmp_path: Path) -> None:
    """A column of units with one person each tells nothing of clinics; the next may."""
    frame = questionnaires().assign(unit=range(20), site=[1, 2] * 10)
    frame.to_csv(tmp_path / "data.csv", index=False)
    assert tomllib.loads(draft_study(tmp_path / "data.csv"))["data"]["cluster"] == "site"


def test_number_of_a_clinic_is_not_the_person(tmp_path: Path) -> None:
    frame = questionnaires()
    frame.insert(0, "clinic_id", [1, 2] * 10)
    frame.to_csv(tmp_path / "data.csv", index=False)
    data = tomllib.loads(draft_study(tmp_path / "data.csv"))["data"]
    assert (data["person"], data["cluster"]) == ("lopenr", "clinic_id")


def test_questionnaire_that_is_not_known(tmp_path: Path) -> None:
    """Sixteen items are not sixteen outcomes."""
    values = [1 + (row % 7) for row in range(20)]
    wide_items = {f"QoLS_{item}_t{wave}": values for item in range(1, 17) for wave in (0, 1)}
    questionnaires().assign(**wide_items).to_csv(tmp_path / "data.csv", index=False)
    draft = draft_study(tmp_path / "data.csv")
    assert list(tomllib.loads(draft)["outcomes"]) == ["score"]
    assert "#   QoLS_1 ... QoLS_16: 16 columns" in draft


class TestWordsThatNobodyKnows:
    """A word among codes is shown where five persons have given it, however many rows they have."""

    def draft(self, folder: Path, persons: int, times: int, *, ids: bool = True) -> str:
        frame = long()[["lopenr", "t", "score", "net"]].astype({"net": str})
        frame.loc[frame["lopenr"].isin(sorted(frame["lopenr"].unique())[:persons]), "net"] = "KANARI"
        odd = frame[frame["net"] == "KANARI"]
        frame = pd.concat([frame, *[odd] * (times - 1)])
        if not ids:
            frame = frame.drop(columns="lopenr")
        frame.to_csv(folder / "data.csv", index=False)
        return draft_study(folder / "data.csv")

    @pytest.mark.parametrize("ids", [True, False])
    def test_one_person_with_sixty_rows(self, tmp_path: Path, ids: bool) -> None:
        draft = self.draft(tmp_path, 1, 30, ids=ids)
        assert "KANARI" not in draft
        assert '# its codes: "1", "2", "3", 1 more, too rare to be shown' in draft

    @pytest.mark.parametrize(("persons", "shown"), [(4, False), (5, True)])
    def test_the_fifth_makes_it_a_code(self, tmp_path: Path, persons: int, shown: bool) -> None:
        assert ('"KANARI"' in self.draft(tmp_path, persons, 1)) is shown


def test_nothing_to_ask_of_outcomes(tmp_path: Path) -> None:
    """Where no column holds numbers, there is no question about outcomes, and the draft says that they are missing."""
    pd.DataFrame({"id": range(9), "x": ["a"] * 9}).to_csv(tmp_path / "data.csv", index=False)
    user = User({})
    answers = converse(look_at(tmp_path / "data.csv"), user.ask, user.tell)
    assert "outcomes" not in answers
    assert "which columns are outcomes" in draft_study(tmp_path / "data.csv", answers=answers)


def test_an_instrument_with_one_scale(tmp_path: Path) -> None:
    """CES-D has one score, so that there is nothing to choose."""
    values = [row % 4 for row in range(20)]
    found = {f"cesd_{item}_t{wave}": values for item in range(1, 21) for wave in (0, 1)}
    questionnaires().drop(columns=["score_t0", "score_t1"]).assign(**found).to_csv(
        tmp_path / "data.csv", index=False
    )
    user = User({"What does 1": "1", "What does 2": "2", "What does 3": "3"})
    answers = converse(look_at(tmp_path / "data.csv"), user.ask, user.tell)
    assert answers["outcomes"] == ("ces_d",)
    assert not any("Which scale" in text for text in user.shown)


class TestSingleQuestions:
    """What is asked in one question, or goes by words instead of numbers."""

    def test_qol1(self, tmp_path: Path) -> None:
        """An answer less is worth 0.2 more; twelve answer 1 less later than at the start."""
        frame = questionnaires().drop(columns=["score_t0", "score_t1"])
        frame = frame.assign(qol1_t0=4, qol1_t1=[3] * 12 + [4] * 6 + [float("nan")] * 2)
        frame.to_csv(tmp_path / "data.csv", index=False)
        draft = draft_study(tmp_path / "data.csv")
        assert tomllib.loads(draft)["outcomes"] == {
            "qol1_total": {"instrument": "qol1", "scale": "total", "items": {"1": "qol1_{wave}"}}
        }
        assert (
            "# an answer of 1 is worth 0.9, 2 is worth 0.7, 3 is worth 0.5, 4 is worth 0.3, 5 is worth 0.1:"
            " check that the form is numbered so" in draft
        )
        says = {"What does 1": "1", "What does 2": "2", "What does 3": "3"}
        _, study, _ = drafted([tmp_path / "data.csv"], says)
        # Persons 1 to 12 have the networks 1 and 2 at follow-up, 13 to 18 network 3.
        assert changes(study)["all"] == (18, round(0.2 * 12 / 18, 9))

    def test_one_answer_from_one_to_seven_is_not_qol1(self, tmp_path: Path) -> None:
        values = [1 + row % 7 for row in range(20)]
        frame = questionnaires().assign(qol1_t0=values, qol1_t1=values)
        frame.to_csv(tmp_path / "data.csv", index=False)
        assert set(tomllib.loads(draft_study(tmp_path / "data.csv"))["outcomes"]) == {"score", "qol1"}

    DIMENSIONS = ("eq5d_mo", "eq5d_sc", "eq5d_ua", "eq5d_pd", "eq5d_ad")

    def eq5d(self, names: Sequence[str], vas: str | None, highest: int = 5) -> pd.DataFrame:
        levels = [1 + row % highest for row in range(20)]
        frame = questionnaires().drop(columns=["score_t0", "score_t1"])
        for wave in (0, 1):
            frame = frame.assign(**{f"{name}_t{wave}": levels for name in names})
            if vas is not None:
                frame[f"{vas}_t{wave}"] = [50.5 + row + 5 * wave for row in range(20)]
        return frame

    @pytest.mark.parametrize("vas", ["eq5d_vas", "EQ_VAS", "eqvas", "EQ5D5L_VAS", "eq-5d_termometer"])
    def test_eq5d(self, tmp_path: Path, vas: str) -> None:
        self.eq5d(self.DIMENSIONS, vas).to_csv(tmp_path / "data.csv", index=False)
        draft = draft_study(tmp_path / "data.csv")
        assert tomllib.loads(draft)["outcomes"] == {
            "eq5d5l_vas": {"instrument": "eq5d5l", "scale": "vas", "items": {"vas": f"{vas}_{{wave}}"}}
        }
        assert '# all items: { mobility = "eq5d_mo_{wave}", self_care = "eq5d_sc_{wave}", ' in draft
        assert "# the scale 'index' needs a value set" in draft
        says = {"What does 1": "1", "What does 2": "2", "What does 3": "3"}
        _, study, user = drafted([tmp_path / "data.csv"], says)
        assert not any(HIGHER in text for text in user.shown)
        assert changes(study)["all"] == (20, 5.0)

    @pytest.mark.parametrize(
        "names",
        [
            [f"EQ5D_{n}" for n in range(1, 6)],
            ["eq5d_mobility", "eq5d_selfcare", "eq5d_usual", "eq5d_pain", "eq5d_anxiety"],
            ["eq5d5l_gange", "eq5d5l_stell", "eq5d5l_gjøremål", "eq5d5l_smerte", "eq5d5l_angst"],
        ],
    )
    def test_dimensions_by_other_names(self, tmp_path: Path, names: Sequence[str]) -> None:
        self.eq5d(names, "eq5d_vas").to_csv(tmp_path / "data.csv", index=False)
        draft = draft_study(tmp_path / "data.csv")
        assert list(tomllib.loads(draft)["outcomes"]) == ["eq5d5l_vas"]
        every = ", ".join(
            f'{item} = "{name}_{{wave}}"'
            for item, name in zip(
                ("mobility", "self_care", "usual_activities", "pain", "anxiety"), names, strict=True
            )
        )
        assert f"# all items: {{ {every}, vas =" in draft

    def test_three_levels_are_another_questionnaire(self, tmp_path: Path) -> None:
        names = [name.replace("eq5d", "eq5d3l") for name in self.DIMENSIONS]
        self.eq5d(names, "eq5d3l_vas", highest=3).to_csv(tmp_path / "data.csv", index=False)
        draft = draft_study(tmp_path / "data.csv")
        assert tomllib.loads(draft)["outcomes"]["eq5d5l_vas"]["items"] == {"vas": "eq5d3l_vas_{wave}"}
        assert "# all items" not in draft

    def test_without_the_scale_there_is_no_score(self, tmp_path: Path) -> None:
        self.eq5d([f"EQ5D_{n}" for n in range(1, 6)], None).to_csv(tmp_path / "data.csv", index=False)
        draft = draft_study(tmp_path / "data.csv")
        assert "outcomes" not in tomllib.loads(draft)
        assert "#   EQ5D_1 ... EQ5D_5: 5 columns" in draft


class TestTerminal:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        questionnaires().to_csv(tmp_path / "data.csv", index=False)
        return tmp_path

    def test_to_the_end_and_analysed(self, folder: Path) -> None:
        shown, code = on_terminal(
            folder, [f"{typed}\n".encode() for typed in (*TestDialogue.ENOUGH, "")], "data.csv"
        )
        assert code == 0, shown
        assert "Is a higher number in score better or worse for the person?" in shown
        study = folder / "study.toml"
        text = study.read_text(encoding="utf-8")
        assert text.replace("\n", "\r\n") in shown
        study.write_text(text + SHORT, encoding="utf-8")
        assert main(["analyse", str(study), "--out", str(folder / "out"), "--quiet"]) == 0
        record = json.loads((folder / "out" / "run.json").read_text(encoding="utf-8"))
        assert record["persons"] == 20
        assert (folder / "out" / "report.html").exists()

    @pytest.mark.parametrize("keys", [b"\x03", b"\x04"], ids=["ctrl_c", "ctrl_d"])
    def test_stopped(self, folder: Path, keys: bytes) -> None:
        shown, code = on_terminal(folder, [b"\n", keys], "data.csv")
        assert code == 1
        assert "Stopped. Nothing was written." in shown
        assert "Traceback" not in shown
        assert [path.name for path in folder.iterdir()] == ["data.csv"]

    def test_no_questions(self, folder: Path) -> None:
        shown, code = on_terminal(folder, [], "data.csv", "--no-questions")
        assert code == 0
        assert "# Could not be guessed:" in shown
        assert "Enter" not in shown
