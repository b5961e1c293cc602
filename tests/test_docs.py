"""The handbook and the README: every block runs, every link leads somewhere, every number is one that a run gives."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import tomllib
import webbrowser
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import larstudy as ls
from larstudy.analysis import PARTS
from larstudy.cli import main
from larstudy.command_options import command_parser
from larstudy.errors import LarstudyError
from larstudy.handbook import web
from larstudy.handbook.descriptions import made_pages
from larstudy.handbook.pages import Page, contents, lines_with, page_of, pages
from larstudy.handbook.problem_codes import said_problems
from larstudy.specs.reading import resource_toml
from larstudy.synthetic.targets import published_targets
from tests import axe

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "larstudy" / "resources" / "docs"
README = Page(part="", path="README", text=(ROOT / "README.md").read_text(encoding="utf-8"))
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: Pages whose blocks are of what is not there yet, and with what they come.
LATER: dict[str, str] = {}
#: Pages that are made from docstrings, whose examples run where they stand.
MADE = {
    "functions",
    "commands",
    "instruments",
    "network_rules",
    "worlds",
    "messages",
    "glossary",
    "all_pages",
}
#: Pages that begin beside HELPfull as a CSV file.
BESIDE_HELP = {"README", "study_file", "use_in_python"}
#: How a study file is read, key by key.
READERS = (
    "text",
    "flag",
    "number",
    "whole",
    "choice",
    "texts",
    "scalars",
    "interval",
    "section",
    "tables",
    "sections",
)
#: What a block may be called: run, written as a file, held against what was shown, or only read.
LANGUAGES = {"python", "sh", "toml", "csv", "output", "text"}


def blocks(page: Page) -> list[tuple[str, str, str]]:
    return BLOCK.findall(page.text)


def run_shell(block: str, made: dict[str, tuple[Path, str]], capsys) -> str:
    """Run each line, and return what was shown; a synthetic cohort that was made before is copied."""
    shown = ""
    for line in block.splitlines():
        words = shlex.split(line, comments=True)
        if not words or words[0] in ("mkdir", "cd"):
            continue
        assert words[0] == "larstudy", line
        wanted = re.search(r"# .*exit code (\d)", line)
        if line in made:
            shutil.copytree(made[line][0], words[-1])
            shown += made[line][1]
            continue
        assert main(words[1:]) == int(wanted[1] if wanted else 0), line
        new = capsys.readouterr().out
        shown += new
        if words[1] == "synth":
            made[line] = Path(words[-1]).resolve(), new
    return shown


def show_what_was_shown(block: str, shown: str) -> None:
    """Each line of a block of output stands in what was shown, in this order; ``...`` leaves something out."""
    place = 0
    for line in filter(None, (line.strip() for line in block.replace("...", "\n").splitlines())):
        found = shown.find(line, place)
        assert found >= 0, f"'{line}' is not in:\n{shown}"
        place = found + len(line)


def headings(report: Path) -> set[str]:
    """The headings of a report, of which the tutorial names some."""
    found = re.findall(r"<h2[^>]*>(.*?)</h2>", report.read_text(encoding="utf-8"), re.DOTALL)
    return {re.sub(r"<[^>]+>", "", heading).strip() for heading in found}


def run_page(page: Page, made: dict[str, tuple[Path, str]], capsys) -> None:
    """Do with each block of a page what it is for."""
    scope: dict[str, object] = {"__name__": "page"}
    shown = ""
    for language, name, block in blocks(page):
        if name and language != "sh":
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(block, encoding="utf-8")
        if language == "toml":
            tomllib.loads(block)
        elif language == "python":
            exec(compile(block, f"{page.path}.md", "exec"), scope)
        elif language == "sh" and not block.startswith("python3 -m venv"):
            shown = run_shell(block, made, capsys)
        elif language == "output":
            show_what_was_shown(block, shown)
        shown = capsys.readouterr().out or shown


@pytest.fixture(scope="module")
def made() -> dict[str, tuple[Path, str]]:
    return {}


@pytest.fixture(scope="module")
def made_now() -> dict[str, str]:
    return made_pages(command_parser())


@pytest.mark.parametrize("page", [README, *pages()], ids=lambda page: page.topic)
def test_every_block_runs(page: Page, tmp_path, monkeypatch, capsys, made, help_frame) -> None:
    """Python in order, commands through the command line, files written; what is shown is what comes."""
    if page.topic in LATER:
        pytest.skip(f"its blocks come with {LATER[page.topic]}")
    if page.topic in MADE:
        pytest.skip("made from docstrings, which are run where they stand")
    monkeypatch.chdir(tmp_path)
    if page.topic in BESIDE_HELP:
        help_frame.to_csv("help.csv", index=False)
    run_page(page, made, capsys)
    if page.topic == "first_study":
        assert set(re.findall(r"\*\*(.*?)\*\*", page.text)) <= headings(Path("results/report.html"))


class TestPages:
    def test_parts_and_titles(self) -> None:
        topics = [page.topic for page in pages()]
        assert len(set(topics)) == len(topics)
        assert {page.part for page in pages()} == {"learn", "do", "look_up", "understand"}
        for page in pages():
            assert page.text.startswith("# "), page.path
            assert page.title
            prose = re.sub(r"```.*?```", "", page.text, flags=re.DOTALL)
            assert not re.search(r"\n# ", prose), f"{page.path} has a second title"

    def test_every_file_that_ships_is_a_page(self) -> None:
        files = {path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.md")}
        assert files == {page.path for page in pages()}

    @pytest.mark.parametrize("page", [README, *pages()], ids=lambda page: page.topic)
    def test_blocks_are_named_for_what_is_done_with_them(self, page: Page) -> None:
        fences = re.findall(r"^ *```.*$", page.text, re.MULTILINE)
        assert len(fences) % 2 == 0
        assert page.topic in MADE or {language for language, _, _ in blocks(page)} <= LANGUAGES
        assert page.topic in MADE or len(blocks(page)) * 2 == len(fences), "a block that is not seen"

    @pytest.mark.parametrize("page", [README, *pages()], ids=lambda page: page.topic)
    def test_links_lead_somewhere(self, page: Page) -> None:
        here = ROOT if page is README else FOLDER / page.path
        text = re.sub(r"```.*?```|`[^`\n]*`", "", page.text, flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if "://" in target:
                continue
            file, _, anchor = target.partition("#")
            path = (
                (here if page is README else here.parent) / file
                if file
                else (here / "README.md" if page is README else here.with_suffix(".md"))
            )
            assert path.exists(), f"{page.path}: {target}"
            if page is not README:
                assert path.resolve().is_relative_to(FOLDER), f"{page.path}: {target} does not ship"
            if anchor:
                headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
                assert anchor in {web.slug(heading) for heading in headings}, f"{page.path}: {target}"

    def test_every_page_is_listed_and_the_list_is_in_the_readme(self) -> None:
        assert "(larstudy/resources/docs/look_up/all_pages.md)" in README.text
        for page in pages():
            listed = f"- [{page.title}](../{page.path}.md)" in page_of("all_pages").text
            assert listed or page.topic == "all_pages", page.path

    def test_pages_are_plain(self) -> None:
        """Lines that a terminal can show; no machine's paths; no other tags than those of blocks."""
        for page in pages():
            assert "/tmp/" not in page.text
            assert "/home/" not in page.text
            if page.topic not in MADE and page.topic != "operating_characteristics":
                prose = re.sub(r"```.*?```|^\|.*$", "", page.text, flags=re.DOTALL | re.MULTILINE)
                assert max(map(len, prose.splitlines())) <= 200, page.path


class TestMadePages:
    @pytest.mark.parametrize("name", sorted(f"{topic}.md" for topic in MADE))
    def test_they_are_what_the_code_says_today(self, name: str, made_now) -> None:
        """After a change: larstudy docs --made larstudy/resources/docs/look_up."""
        assert (FOLDER / "look_up" / name).read_text(encoding="utf-8") == made_now[name]

    def test_every_public_name_is_there(self) -> None:
        text = page_of("functions").text
        for name in ls.__all__:
            assert f"\n### {name}\n" in text

    def test_signatures(self) -> None:
        """Annotations without quotes, defaults with theirs, the star before what needs its name."""
        text = page_of("functions").text
        assert "\nls.analyse(cohort: Cohort) -> Analysis\n" in text
        assert (
            "\nls.load_synthetic(world: str | Path | World = 'review', *, seed: int = 2017) -> Cohort\n"
            in text
        )
        assert "\n    *,\n    n_cohorts: int = 1000,\n" in text

    def test_commands(self) -> None:
        """Each command, an option with its value, one that is needed, and no value where none is taken."""
        text = page_of("commands").text
        assert {line.split()[-1] for line in text.splitlines() if line.startswith("## ")} >= {
            "analyse",
            "check",
            "docs",
            "synth",
        }
        assert "| `--world NAME` | review unless given; or a .toml file |" in text
        assert "| `--out DIR` | folder for the results (needed) |" in text
        assert "| `--quiet` | tell no progress |" in text

    def test_instruments_and_rules(self) -> None:
        """QOL10 turns 1 to 5 into 0.9 to 0.1 and its social scale is items 4 to 8, by its own file."""
        text = page_of("instruments").text
        assert "| 1 | physical health | 1 | 5 | 1 = 0.9, 2 = 0.7, 3 = 0.5, 4 = 0.3, 5 = 0.1 |" in text
        assert (
            "| `social` | Social quality of life (QOL10) | 4, 5, 6, 7, 8 | mean | 5 | 0.1 to 0.9 | better |"
            in text
        )
        assert re.search(r"## whoqol_bref.*\n\| 3 \|[^\n]*\| turned round \|\n\| 4 \|", text, re.DOTALL)
        rules = page_of("network rules").text
        assert "| `isolated` | `support_friends` at most 3 and `support_family` at most 3 |" in rules
        assert "| `drug_dominated` | `heavy_drinkers` at least 3 or `drug_users` at least 3 |" in rules
        assert "| `abstinent` | `free_time_with` is one of 1, 3 |" in rules

    def test_codes_of_messages(self) -> None:
        """Told in one place, by a helper, by either of two codes, by a local name."""
        said = {problem.code: problem for problem in said_problems()}
        assert said["two_visits"].remedy.startswith("Say which is used: two_visits =")
        assert said["mojibake"].what.startswith("… ")
        assert {"missing_code", "missing_code_in_range", "empty_column", "empty_at_wave"} <= set(said)
        assert said["not_toml"].what == "is not valid TOML: …"
        assert not [code for code in said if not re.fullmatch("[a-z_]+", code)]

    def test_codes_that_checks_give_are_on_the_page(self, tmp_path) -> None:
        (tmp_path / "a.csv").write_text("id,q_0,q_1\n1,9,2\n1,3,x\n,3,4\n", encoding="utf-8")
        (tmp_path / "study.toml").write_text(
            '[data]\nfile = "a.csv"\nlayout = "wide"\nperson = "id"\nwaves = ["0", "1"]\n'
            '[outcomes.q]\ncolumn = "q_{wave}"\nhigher_is = "better"\nrange = [1, 5]\n',
            encoding="utf-8",
        )
        codes = {problem.code for problem in ls.check(tmp_path / "study.toml").problems}
        assert {"out_of_range", "duplicate_row", "not_a_number", "missing_person"} <= codes
        for code in codes:
            assert f"| `{code}` |" in page_of("messages").text

    def test_every_table_is_described(self) -> None:
        text = page_of("results").text
        for part in PARTS:
            name = "sensitivity*" if part.startswith("sensitivity") else part
            assert f"{name}.csv" in text


class TestKeys:
    @pytest.mark.parametrize("module", ["study", "data", "outcome", "network", "analysis"])
    def test_every_key_that_is_read_is_explained(self, module: str) -> None:
        """The readers of a study file name their keys: section.text("person"), section.tables("files")."""
        source = (ROOT / "larstudy" / "specs" / f"{module}_reading.py").read_text(encoding="utf-8")
        keys = {
            node.args[0].value
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in READERS
            and node.args
            and isinstance(node.args[0], ast.Constant)
        }
        assert len(keys) >= 2
        pages_of_keys = ("study_file", "data_files", "network_rule_of_your_own")
        text = "".join(page_of(topic).text for topic in pages_of_keys)
        assert {key for key in keys if not re.search(rf"\b{re.escape(str(key))}\b", text)} == set()


class TestCommand:
    def test_listed_by_part(self, capsys) -> None:
        assert main(["docs"]) == 0
        shown = capsys.readouterr().out
        assert (
            shown.index("Learn:")
            < shown.index("first_study")
            < shown.index("Do:")
            < shown.index("Understand:")
        )

    def test_a_page(self, capsys) -> None:
        assert main(["docs", "First", "study"]) == 0
        assert capsys.readouterr().out.rstrip("\n") == page_of("first_study").text.rstrip("\n")

    def test_misspelt(self, capsys) -> None:
        assert main(["docs", "frist_study"]) == 1
        assert "first_study" in capsys.readouterr().err

    def test_search(self, capsys) -> None:
        """The page whose title has the word comes first, however often others say it."""
        assert main(["docs", "--search", "REDCap"]) == 0
        first = capsys.readouterr().out.splitlines()[0]
        assert first.startswith("redcap_export - ")
        with pytest.raises(LarstudyError, match="'xyzzyx' stands on no page"):
            lines_with("xyzzyx")
        with pytest.raises(LarstudyError, match="needs a word"):
            lines_with(" ")

    def test_long_lines_are_cut_in_a_search(self) -> None:
        assert max(map(len, lines_with("larstudy").splitlines())) <= 140

    def test_one_thing_at_a_time(self, capsys, tmp_path) -> None:
        assert main(["docs", "first_study", "--search", "x"]) == 1
        assert "One at a time" in capsys.readouterr().err
        assert main(["docs", "--open"]) == 1
        assert "--out DIR" in capsys.readouterr().err

    def test_opened_where_it_was_written(self, tmp_path, monkeypatch, capsys) -> None:
        opened = []
        monkeypatch.setattr(webbrowser, "open", opened.append)
        assert main(["docs", "--out", str(tmp_path / "pages"), "--open"]) == 0
        assert opened == [(tmp_path / "pages" / "index.html").resolve().as_uri()]
        assert (tmp_path / "pages" / "learn" / "first_study.html").exists()
        # A second time takes the place of the first.
        assert main(["docs", "--out", str(tmp_path / "pages")]) == 0
        assert len(opened) == 1

    def test_made_anew(self, tmp_path, capsys) -> None:
        assert main(["docs", "--made", str(tmp_path / "new")]) == 0
        assert {path.stem for path in (tmp_path / "new").iterdir()} == MADE

    def test_nothing_to_list(self) -> None:
        assert contents(()) == ""


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids |= {value for name, value in attrs if name == "id" and value}


def seen(content: bytes) -> _Seen:
    page = _Seen()
    page.feed(content.decode())
    return page


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return web.web_pages()


class TestWebPages:
    def test_one_for_each_and_a_start(self, files) -> None:
        assert set(files) == {"index.html", *(f"{page.path}.html" for page in pages())}

    def test_links_lead_to_pages_and_anchors(self, files) -> None:
        read = {name: seen(content) for name, content in files.items()}
        for name, page in read.items():
            for tag, attributes in page.tags:
                target = attributes.get("href") or ""
                if tag != "a" or "://" in target:
                    continue
                file, _, anchor = target.partition("#")
                goal = os.path.normpath(Path(name).parent / file).replace(os.sep, "/") if file else name
                assert goal in read, f"{name}: {target}"
                assert not anchor or anchor in read[goal].ids, f"{name}: {target}"

    def test_nothing_from_elsewhere_and_no_script(self, files) -> None:
        for name, content in files.items():
            tags = {tag for tag, _ in seen(content).tags}
            assert not tags & {"script", "link", "img", "iframe"}, name
            assert b"url(" not in content

    @pytest.mark.skipif(not axe.READY, reason="needs Chromium and axe-core")
    @pytest.mark.parametrize("dark", [False, True])
    @pytest.mark.parametrize("name", ["index", "learn/first_study", "look_up/results", "look_up/instruments"])
    def test_axe_finds_nothing(self, files, tmp_path, name: str, dark: bool) -> None:
        page = files[f"{name}.html"].decode()
        assert axe.violations(page, tmp_path, lang="en", width=500, dark=dark)["violations"] == []

    def test_formatted(self, files) -> None:
        page = files["look_up/study_file.html"].decode()
        assert "<table>" in page
        assert '<h2 id="everything-it-may-say">' in page
        assert '<pre tabindex="0"><code class="language-toml">' in page
        assert "<nav" in page
        assert 'aria-current="page"' in page

    def test_characters_of_html_are_characters(self) -> None:
        assert web._renderer()("a <b> & `<c>`") == "<p>a &lt;b&gt; &amp; <code>&lt;c&gt;</code></p>\n"

    def test_language_of_a_page(self, files) -> None:
        assert b'<main id="text" lang="nb">' in files["understand/etikk_og_godkjenninger_nb.html"]
        assert b'<main id="text">' in files["understand/ethics_and_approvals.html"]

    def test_without_the_library_as_it_is_written(self, monkeypatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "markdown_it", None)
        page = web.web_pages()["learn/first_study.html"].decode()
        assert '<pre tabindex="0"># ' in page
        assert "&quot;" in page


class TestNumbersInThePages:
    """A number in prose is one that a run gives today."""

    def text(self, topic: str) -> str:
        return " ".join(page_of(topic).text.split())

    def test_checks_of_printed_numbers(self) -> None:
        counts = ls.published_checks().to_frame()["verdict"].value_counts()
        shown = [counts[name] for name in ("consistent", "does not follow", "cannot be checked")]
        assert f"of {counts.sum()}, {shown[0]}, {shown[1]} and {shown[2]}." in self.text("printed_numbers")

    def test_figures_that_the_generator_never_saw(self) -> None:
        stored = resource_toml("worlds", "_calibration")["generated"]
        check = [name for name, target in published_targets().items() if target.role == "check"]
        agree = sum(stored[name]["agrees"] == "yes" for name in check)
        assert f"Of {len(check)} printed figures that it never reads (`check`) {agree} agree" in self.text(
            "synthetic_data"
        )

    def test_claims(self) -> None:
        assert f"{len(ls.claims().evidence.claims)} claims in English, Bokmål and Nynorsk" in self.text(
            "see_the_review"
        )

    def test_people_of_help(self, help_cohort) -> None:
        assert f"open data of {len(help_cohort.persons)} real people" in " ".join(README.text.split())

    def test_few_clusters(self) -> None:
        """The table of the page is that of the kept error rates."""
        kept = pd.read_csv(ROOT / "tests" / "benchmarks" / "error_rates.csv")
        kept = kept.query("world == 'facilities' and target == 'all groups'").set_index("method")["rejected"]
        shown = dict(
            re.findall(r"^\| \**(.*?)\** \| \**([\d.]+) %\** \|$", page_of("few_clusters").text, re.MULTILINE)
        )
        methods = {
            "facilities ignored": "change score",
            "CR1 with normal quantiles": "CR1, normal quantiles, change score",
            "CR1 with t": "CR1, change score",
            "CR2, Satterthwaite": "CR2, change score",
            "CR3": "CR3, change score",
        }
        assert shown == {name: f"{kept[method]:.1f}" for name, method in methods.items()}
