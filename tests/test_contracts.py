"""What holds for the whole package: layers, public names, budgets, privacy, and the papers beside it."""

from __future__ import annotations

import ast
import inspect
import pickle
import re
import subprocess
import sys
import tomllib
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pandas as pd
import pytest

import larstudy as ls
from larstudy.results import Result

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "larstudy"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Low to high; a module imports from its own layer and from lower ones only. Within a layer the order of the
# names is the order of imports. CONTRIBUTING.md shows the same list.
LAYERS = [
    ["errors"],
    ["names", "catalogue"],
    ["latex", "tables", "workbook_sizes", "word_cells", "table_files", "results"],
    ["specs.reading", "specs.disclosure", "specs.instruments", "specs.networks", "specs.data", "specs.study", "specs.context", "specs.data_reading",
     "specs.instrument_reading", "specs.network_reading", "specs.outcome_reading", "specs.analysis_reading", "specs.study_reading",
     "specs.toml_lines", "specs.bibliography", "specs.evidence", "specs.claim_reading", "specs.study_records", "specs.printed_facts", "specs.evidence_reading", "specs.published", "specs.published_reading", "specs"],
    ["stats.arrays", "stats.distributions", "stats.means", "stats.effect_sizes", "stats.paired", "stats.conversions",
     "stats.bootstrap", "stats.paired_effects", "stats.effect_ranges", "stats.paired_bootstrap",
     "stats.group_effects", "stats.group_bootstrap", "stats.printed_change", "stats.responders",
     "stats.linear", "stats.designs", "stats.multinomial", "stats.logistic", "stats.attrition",
     "stats.weights", "stats.overlap", "stats.pooling", "stats.imputation_draws", "stats.imputation",
     "stats.tipping", "stats.bounds", "stats.e_values", "stats.design_basis", "stats.small_sample_df", "stats.reml", "stats.wave_model",
     "stats.two_waves", "stats.random_intercepts", "stats.mmrm", "stats.gee", "stats.cluster_blocks", "stats.cluster_moments", "stats.clusters",
     "stats.wild_bootstrap", "stats.group_design", "stats.wave_designs", "stats.groups", "stats.clustered_groups",
     "stats.multiverse",
     "stats.within_groups", "stats.cluster_jackknife", "stats.slope_models", "stats.measurement_error", "stats.corrected_bootstrap",
     "stats.lords_paradox", "stats.constrained_baseline", "stats.estimands", "stats.regression_to_mean",
     "stats.clustered_estimands",
     "stats.mee_chua", "stats.homogeneity", "stats.scoring",
     "stats.studentized_range", "stats.multiplicity", "stats.t_tests", "stats.group_moments", "stats.welch",
     "stats.clustered_logistic", "stats.pairwise", "stats.planned_contrasts", "stats.clustered_contrasts",
     "stats.equivalence", "stats.permutation",
     "stats.group_permutation", "stats.assumptions", "stats.latent", "stats.two_factors",
     "stats.suppression", "stats.description", "stats.printed_numbers", "stats.published_checks", "stats.printed_correlations", "stats.printed_intervals",
     "stats.fit_indices", "stats.grim", "stats.random_effects", "stats.cohort_change", "stats.decisions", "stats.simulated", "stats.cohort_cells", "stats.cohort_tests", "stats.cohort_clusters", "stats"],
    ["figures.base", "figures.words", "figures.result", "figures.baseline_to_followup", "figures.brackets",
     "figures.change_by_group", "figures.characteristics", "figures.claim_graphs", "figures.cohorts",
     "figures.comparisons", "figures.estimates", "figures.flows", "figures.forests", "figures.lost", "figures.reviews",
     "figures.specifications", "figures.targets", "figures.tipping", "figures.transitions", "figures.verdicts", "figures"],
    ["raw_table", "identity_numbers", "identifiers", "readers.base", "readers.text", "readers.apart", "readers.labelled", "readers.excel", "readers.parquet", "readers",
     "dates", "visits", "redcap_fields", "redcap", "joining", "files", "value_labels", "value_sets", "placement", "wave_marks", "column_guesses", "guesses", "draft_facts", "draft_text", "drafts", "draft_dialogue", "cell_validation", "validation", "scales"],
    ["arguments", "ledger", "cohort", "loading"],
    ["scores", "changes", "groups", "networks", "covariates", "clusters", "descriptions"],
    ["model_rows", "repeated_rows", "repeated_fitting", "model_fitting", "resampling", "estimands", "pair_tables", "effect_tables",
     "printed_effects", "responder_tables", "resampled_pairs", "drawn_words", "repeated_words", "comparison_tables",
     "comparison_words", "comparison_figures", "models", "one_call", "lost", "wave_fitting", "wave_persons", "wave_models", 
     "entered", "drawn", "handled", "handled_fits", "overlapping", "handled_rows", "robustness", "tipping_surfaces", "lost_tables", "lost_words",
     "specifications", "crossed_analyses", "sensitivity_tables", "sensitivities"],
    ["study_rows", "analysis_figures", "analysis", "reconciliation", "report_figures", "disclosure_cells", "disclosure", "protected_figures", "reporting.blocks", "reporting.material", "reporting.findings",
     "reporting.results_text", "reporting.methods_text", "reporting.study_tables", "reporting.strobe", "reporting.pictures", "reporting.contents",
     "reporting.page", "reporting.word", "reporting", "writing", "outputs",
     "exports.pieces", "exports.markup", "exports.office", "exports.reading", "exports.rules", "exports.checks", "exports"],
    ["verdict_rules", "progress", "side_by_side"],
    ["synthetic.targets", "synthetic.worlds", "synthetic.streams", "synthetic.structure", "synthetic.simulation",
     "synthetic.truths", "synthetic.cohorts", "synthetic.whoqol", "synthetic.people", "synthetic.frames", "synthetic.calibration",
     "synthetic.datasheet", "synthetic.files", "synthetic.study_designs", "synthetic.kept", "synthetic.score_cohorts",
     "synthetic.single_analyses", "synthetic.analyses", "synthetic.trials", "synthetic.characteristics", "synthetic.sample_sizes", "synthetic.characteristics_page",
     "synthetic"],
    ["evidence", "published_rows", "published", "claim_rules", "claim_panels", "claim_shares", "claim_worth", "claim_verdicts"],
    ["checker.lexicon", "checker.written", "checker.known", "checker.headers", "checker.matching", "checker.remarks",
     "checker.claims_stated", "checker.quantities", "checker.wording", "checker.places", "checker.cells", "checker.grids", "checker.result", "checker"],
    ["studies", "studies.help", "studies.review", "studies.synthetic_cohort", "studies.review_verdicts", "studies.cohort_effects", "studies.cohorts"],
    ["verdict_files", "review_files", "notebook_files"],
    ["handbook.pages", "handbook.web", "handbook.problem_codes", "handbook.descriptions", "handbook.command", "handbook"],
    ["reproduction", "draft_command", "command_options", "cli", "__main__"],
]  # fmt: skip
RANK = {name: (layer, place) for layer, names in enumerate(LAYERS) for place, name in enumerate(names)}

# The figures are drawn on demand from results in lower layers, so these imports stand inside functions.
ON_DEMAND = {
    "figures",
    "table_files",
    "comparison_tables",
    "comparison_figures",
    "analysis_figures",
    "sensitivity_tables",
}


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    return name.removesuffix(".__init__") if name != "__init__" else ""


def imports_of(path: Path, *, top_level: bool) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    nodes = tree.body if top_level else ast.walk(tree)
    found = set()
    for node in nodes:
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def larstudy_imports(path: Path, *, top_level: bool) -> set[str]:
    names = {
        i.removeprefix("larstudy.")
        for i in imports_of(path, top_level=top_level)
        if i.startswith("larstudy.")
    }
    return {name for name in names if name in RANK}


class TestLayers:
    def test_every_module_has_a_layer(self) -> None:
        assert {module_name(path) for path in MODULES} - {""} == set(RANK)

    @pytest.mark.parametrize("path", [p for p in MODULES if module_name(p)], ids=module_name)
    def test_imports_point_downwards(self, path: Path) -> None:
        name = module_name(path)
        for other in larstudy_imports(path, top_level=True):
            package = other.split(".")[0]
            if package == name.split(".")[0] or other == name:
                continue
            assert RANK[other] < RANK[name], f"{name} imports {other}"
        for other in larstudy_imports(path, top_level=False) - larstudy_imports(path, top_level=True):
            assert RANK[other] < RANK[name] or other.split(".")[0] in ON_DEMAND, f"{name} imports {other}"

    def test_no_public_name_is_that_of_a_module(self) -> None:
        """Importing the module would put it in the place of the function."""
        assert not set(ls.__all__) & {name.split(".")[0] for name in RANK}

    @pytest.mark.parametrize(
        ("library", "allowed"),
        [
            ("scipy", "stats"), ("statsmodels", "stats"), ("matplotlib", "figures|report_figures|results"),
            ("tomllib", "specs.reading|catalogue"), ("argparse", "command_options|cli"),
        ],
    )  # fmt: skip
    def test_each_library_has_its_place(self, library: str, allowed: str) -> None:
        users = {
            module_name(path)
            for path in MODULES
            if any(i == library or i.startswith(f"{library}.") for i in imports_of(path, top_level=False))
        }
        assert users
        assert all(re.fullmatch(rf"({allowed})(\..*)?", name) for name in users), users

    def test_scipy_stats_is_never_imported(self) -> None:
        for path in MODULES:
            assert not any(i.startswith("scipy.stats") for i in imports_of(path, top_level=False)), path

    def test_no_network_and_no_evaluation(self) -> None:
        forbidden = ("socket", "urllib", "http", "requests", "ftplib", "pickle", "subprocess")
        for path in MODULES:
            used = {i.split(".")[0] for i in imports_of(path, top_level=False)} & set(forbidden)
            # A library in C that a damaged file may end is run in a Python of its own, and nothing else is.
            assert used <= ({"subprocess"} if module_name(path) == "readers.apart" else set()), path
            calls = {
                node.func.id
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert not calls & {"eval", "exec", "compile", "breakpoint"}, path
            if module_name(path) != "cli":
                assert "print" not in calls, path


class TestBudgets:
    @pytest.mark.parametrize("path", MODULES, ids=module_name)
    def test_modules_and_functions_are_short(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 460, f"{path.name} has {len(text.splitlines())} lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                doc = len((ast.get_docstring(node) or "").splitlines())
                length = (node.end_lineno or 0) - node.lineno + 1 - doc
                assert length <= 60, f"{path.name}: {node.name} has {length} lines"

    @pytest.mark.parametrize("path", MODULES, ids=module_name)
    def test_nothing_is_left_lying(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text)
        assert not re.search(r"^\s*# *(def|class|return|import|for|if) .*[:(]", text, re.MULTILINE)


class TestPublicNames:
    @pytest.mark.parametrize("name", ls.__all__)
    def test_documented_with_an_example(self, name: str) -> None:
        thing = getattr(ls, name)
        doc = inspect.getdoc(thing) or ""
        assert len(doc.splitlines()) > 2, f"{name} has no docstring of its own"
        assert ">>> " in doc, f"{name} has no example"
        if inspect.isfunction(thing):
            assert "Returns" in doc, f"{name} does not say what it returns"
            for parameter in inspect.signature(thing).parameters.values():
                assert re.search(rf"\b{parameter.name}\b", doc.replace("``", "")), f"{name}: {parameter.name}"
                assert parameter.kind is not inspect.Parameter.VAR_KEYWORD

    def test_dir_and_unknown_names(self) -> None:
        assert set(ls.__all__) <= set(dir(ls))
        with pytest.raises(AttributeError, match="no attribute 'compare'"):
            ls.compare  # noqa: B018

    def test_types_and_names_agree(self) -> None:
        """What a type checker sees is what is loaded."""
        source = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
        block = source.split("if TYPE_CHECKING:")[1].split("_HOME")[0]
        homes = {}
        for module, names in re.findall(r"from larstudy\.([\w.]+) import (\([^)]*\)|[^\n]+)", block):
            for name in re.findall(r"\w+", names):
                homes[name] = module
        assert homes == ls._HOME
        assert sorted(homes) == sorted(ls.__all__)

    def test_results_share_their_methods(self) -> None:
        results = [getattr(ls, name) for name in ls.__all__ if inspect.isclass(getattr(ls, name))]
        results = [c for c in results if issubclass(c, Result)]
        assert len(results) >= 9
        for result in results:
            assert not inspect.isabstract(result)
            parameters = getattr(result, "__dataclass_params__")  # noqa: B009
            assert parameters.frozen, result
            assert not parameters.eq, f"{result} compares arrays with =="
            for method in ("summary", "to_frame", "table", "plot"):
                assert (getattr(result, method).__doc__ or "").strip(), (result, method)

    def test_results_are_frozen_and_say_so(self) -> None:
        """Also of a name that they do not have, where slots make a dataclass raise a TypeError."""
        frame = pd.DataFrame({"q0": [1.0, 2, 4], "q1": [2.0, 4, 3]})
        cohort = ls.load(frame, waves=["0", "1"], outcomes={"q": {"0": "q0", "1": "q1"}})
        change = ls.change(ls.outcome(cohort, "q"), "0", "1")
        for result in (cohort, change, ls.analyse(cohort)):
            for name in ("unheard_of", next(iter(type(result).__slots__))):
                with pytest.raises(FrozenInstanceError, match=f"cannot assign to '{name}'"):
                    setattr(result, name, 1)
                with pytest.raises(FrozenInstanceError, match=f"cannot delete '{name}'"):
                    delattr(result, name)
        again = pickle.loads(pickle.dumps(change))
        assert again.paired == change.paired
        assert replace(change, label="new").label == "new"

    def test_import_does_nothing(self) -> None:
        """Importing loads neither numpy nor pandas, and using one name loads no figures."""
        code = (
            "import sys, larstudy; heavy = {'numpy', 'pandas', 'scipy', 'matplotlib', 'seaborn'} & set(sys.modules);"
            "larstudy.compare_groups; late = {'matplotlib', 'seaborn', 'statsmodels'} & set(sys.modules);"
            "print(sorted(heavy), sorted(late))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert done.stdout.strip() == "[] []"


class TestTree:
    def test_nothing_but_what_belongs_there_is_kept(self) -> None:
        """The top level is fixed; data of persons, outputs and environments never get in."""
        import subprocess

        root = PACKAGE.parent
        if not (root / ".git").exists():
            pytest.skip("not a checkout")
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True
        ).stdout.split("\0")
        assert {name.split("/")[0] for name in listed if name} <= {
            "larstudy", "notebooks", "data", "tests", "pyproject.toml", "README.md", "LICENSE",
            "CITATION.cff", "CHANGELOG.md", "CONTRIBUTING.md", ".ci", ".github", ".gitignore",
        }  # fmt: skip
        data = [name for name in listed if Path(name).suffix in (".csv", ".sav", ".dta", ".parquet", ".xlsx")]
        assert all(
            name.startswith(
                (
                    "tests/oracles/",
                    "data/synthetic/",
                    "tests/benchmarks/error_rates",
                    "larstudy/resources/worlds/_",
                )
            )
            for name in data
        )


class TestPapers:
    readme = (ROOT / "README.md").read_text(encoding="utf-8") if (ROOT / "README.md").exists() else ""

    def shell_blocks(self) -> list[str]:
        return re.findall(r"```sh\n(.*?)\n```", self.readme, re.DOTALL)

    def test_the_two_commands(self) -> None:
        blocks = self.shell_blocks()
        first_code = self.readme.index("```")
        assert self.readme[first_code:].startswith("```sh\n")
        first, second = blocks[:2]
        assert "\n" not in first
        assert "\n" not in second
        assert first.startswith("python3 -m venv")
        assert first.endswith("larstudy reproduce --out results")
        assert second.startswith("python3 -m venv")
        assert "pytest" in second

    def test_ci_runs_the_second(self) -> None:
        second = self.shell_blocks()[1]
        assert second in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
        assert second in (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")

    def test_changelog_and_citation_name_the_version(self) -> None:
        assert f"## {ls.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        assert f"version: {ls.__version__}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")

    def test_contributing_shows_the_layers(self) -> None:
        text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
        for name in RANK:
            assert re.search(rf"\b{re.escape(name.split('.')[0])}\b", text), name

    def test_extras(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert set(project["optional-dependencies"]) == {
            "real",
            "files",
            "word",
            "excel",
            "dask",
            "notebooks",
            "docs",
            "all",
            "dev",
        }
        core = {re.split(r"[<>=]", line)[0] for line in project["dependencies"]}
        assert core == {"numpy", "pandas", "scipy", "statsmodels", "matplotlib", "seaborn"}
