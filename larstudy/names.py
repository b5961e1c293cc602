"""The words of the field, each spelled once.

Column names, network categories, change groups, treatment statuses, their order, their colours and how they
are shown in English, Bokmål and Nynorsk. No other module spells them.
"""

from __future__ import annotations

from typing import Final, Literal

from larstudy.errors import unknown_name

Language = Literal["en", "nb", "nn"]
HigherIs = Literal["better", "worse"]

ABSTINENT: Final = "abstinent"
DRUG_DOMINATED: Final = "drug_dominated"
ISOLATED: Final = "isolated"
UNCLASSIFIED: Final = "unclassified"
CATEGORIES: Final = (ABSTINENT, DRUG_DOMINATED, ISOLATED)

MAINTAINED_ABSTINENT: Final = "maintained_abstinent"
GAINED_ABSTINENT: Final = "gained_abstinent"
CHANGE_GROUPS: Final = (MAINTAINED_ABSTINENT, GAINED_ABSTINENT, DRUG_DOMINATED, ISOLATED)

COMPLETED: Final = "completed"
IN_TREATMENT: Final = "in_treatment"
DROPPED_OUT: Final = "dropped_out"
STATUSES: Final = (COMPLETED, IN_TREATMENT, DROPPED_OUT)

SUPPORTED: Final = "supported"
CONTRADICTED: Final = "contradicted"
DEPENDS: Final = "depends"
INCONCLUSIVE: Final = "inconclusive"
NOT_TESTABLE: Final = "not_testable"
VERDICTS: Final = (SUPPORTED, CONTRADICTED, DEPENDS, INCONCLUSIVE, NOT_TESTABLE)

ALL: Final = "all"

PERSON: Final = "person"
WAVE: Final = "wave"

_WHERE = ("outcome", "from_wave", "to_wave", "stratum")
#: What a table with one row a group or a term has beside it where the study names clusters.
CLUSTER_COLUMNS: Final = (
    "cluster_errors", "cluster_std_error", "cluster_low", "cluster_high", "cluster_df", "cluster_p_value",
    "cluster_reason",
)  # fmt: skip
CHANGE_COLUMNS: Final = (
    *_WHERE, "group", "n", "n_excluded", "before_mean", "before_sd", "after_mean", "after_sd",
    "estimate", "sd", "std_error", "conf_low", "conf_high", "statistic", "df", "p_value", "correlation",
    "d_z", "d_z_low", "d_z_high", "d_av", "d_av_low", "d_av_high", "g_av", "g_av_low", "g_av_high",
    "reason", *CLUSTER_COLUMNS,
)  # fmt: skip
MODEL_COLUMNS: Final = (
    *_WHERE, "model", "term", "group", "reference", "n", "n_excluded", "estimate", "std_error",
    "conf_low", "conf_high", "statistic", "df_num", "df", "p_value", "partial_eta_squared", "reason",
)  # fmt: skip
CONTRAST_COLUMNS: Final = (
    *_WHERE, "model", "term", "group", "reference", "n", "estimate", "std_error", "conf_low",
    "conf_high", "statistic", "df", "p_value", "reason",
)  # fmt: skip
ESTIMAND_COLUMNS: Final = (
    *_WHERE, "analysis", "errors", "group", "reference", "n", "reliability", "slope", "estimate",
    "estimate_low", "estimate_high", "std_error", "conf_low", "conf_high", "statistic", "df", "p_value",
    "assumption", "reason",
)  # fmt: skip
REGRESSION_COLUMNS: Final = (
    *_WHERE, "errors", "group", "n", "population_mean", "slope", "before_mean", "change", "expected_change",
    "expected_low", "expected_high", "remainder", "std_error", "conf_low", "conf_high", "statistic", "df",
    "p_value", "reason",
)  # fmt: skip
PAIR_COLUMNS: Final = (
    *_WHERE, "method", "term", "group", "reference", "n", "estimate", "std_error", "statistic", "df_num",
    "df", "p_value", "p_adjusted", "conf_low", "conf_high", "margin", "smallest_margin", "verdict", "draws",
    "n_informative", "p_low", "p_high", "reason",
)  # fmt: skip
EFFECT_COLUMNS: Final = (
    *_WHERE, "group", "reference", "effect", "standardiser", "n", "estimate", "method", "conf_low",
    "conf_high", "draws", "bca_low", "bca_high", "reason", "bca_reason",
)  # fmt: skip
SUMMARY_EFFECT_COLUMNS: Final = (
    "effect", "standardiser", "n", "estimate", "estimate_low", "estimate_high", "method", "conf_low",
    "conf_high", "correlation_low", "correlation_high", "reason",
)  # fmt: skip
RESPONDER_COLUMNS: Final = (
    *_WHERE, "criterion", "reliability", "threshold", "group", "reference", "response", "n", "count",
    "estimate", "conf_low", "conf_high", "difference", "difference_low", "difference_high", "reason",
)  # fmt: skip
ASSUMPTION_COLUMNS: Final = (
    *_WHERE, "check", "n", "statistic", "df_num", "df", "p_value", "informs_about", "reason",
)  # fmt: skip
LOST_COLUMNS: Final = (
    *_WHERE, "term", "level", "n_lost", "n_seen", "lost_mean", "lost_sd", "seen_mean", "seen_sd", "d_rms",
    "d_rms_low", "d_rms_high", "reason", "n_model", "odds_ratio", "odds_ratio_low", "odds_ratio_high",
    "p_value", "odds_reason", *CLUSTER_COLUMNS,
)  # fmt: skip
MISSING_COLUMNS: Final = (
    *_WHERE, "handling", "model", "term", "group", "reference", "n", "n_entered", "effective_n", "estimate",
    "std_error", "conf_low", "conf_high", "statistic", "df_num", "df", "p_value", "fraction_missing",
    "reason", "note",
)  # fmt: skip
WEIGHT_COLUMNS: Final = (
    *_WHERE, "handling", "term", "group", "n", "n_entered", "effective_n", "mean", "smallest", "largest",
    "n_trimmed", "trimmed_low", "trimmed_high", "d_before", "d_after", "reason",
)  # fmt: skip
ROBUSTNESS_COLUMNS: Final = (
    *_WHERE, "analysis", "quantity", "model", "group", "reference", "shifted", "n", "n_lost", "share_lost",
    "unit", "unit_size", "estimate", "p_value", "delta", "delta_units", "estimate_at", "p_value_at",
    "bound_low", "bound_high", "conf_low", "conf_high", "d", "d_low", "d_high", "e_value", "e_value_limit",
    "reason",
)  # fmt: skip
FLOW_COLUMNS: Final = (*_WHERE, "step", "reason", "n")
DESCRIPTION_COLUMNS: Final = (
    "variable", "level", "group", "n", "n_missing", "count", "mean", "sd", "median", "q1", "q3", "d_largest",
)  # fmt: skip
TRANSITION_COLUMNS: Final = (
    "from_wave", "to_wave", "stratum", "from_category", "to_category", "group", "n", "share_of_row",
)  # fmt: skip
DEFINITION_COLUMNS: Final = (
    "definition", *_WHERE, "group", "reference", "n", "estimate", "sd", "conf_low", "conf_high",
    "p_value", "d_z", "adjusted_difference", "adjusted_low", "adjusted_high", "reason",
)  # fmt: skip
SENSITIVITY_COLUMNS: Final = (
    *_WHERE, "specification", "definition", "handling", "model", "covariates", "errors", "estimand", "group",
    "reference", "n", "n_group", "estimate", "std_error", "statistic", "df", "p_value", "conf_low",
    "conf_high", "reason",
)  # fmt: skip
SENSITIVITY_ESTIMAND_COLUMNS: Final = (
    *_WHERE, "estimand", "group", "reference", "n_specifications", "estimate_low", "estimate_high",
    "conf_low", "conf_high", "n_above", "n_below",
)  # fmt: skip
SENSITIVITY_CHOICE_COLUMNS: Final = (
    *_WHERE, "group", "reference", "choice", "kind", "levels", "n_sets", "moves_median", "moves_largest",
    "n_flips", "why",
)  # fmt: skip
CLAIM_COLUMNS: Final = (
    "id", "kind", "text", "source", "page", "requires", "published", "real", "synthetic", "why",
)  # fmt: skip
FLAG_COLUMNS: Final = ("flag", "kind", "claims", "source", "page", "text", "remedy", "basis")
REQUIRES_COLUMNS: Final = ("claim", "text", "rests_on", "rests_on_text")
REVIEW_COLUMNS: Final = (
    "work", "aim", "design", "country", "setting", "sample", "measures", "analysis", "findings",
    "limitations", "appraisal", "read", "used_for",
)  # fmt: skip
THEME_COLUMNS: Final = ("theme", "work", "id", "text", "page")
APPRAISAL_COLUMNS: Final = ("work", "checklist", "item", "answer", "why")
SEARCH_COLUMNS: Final = ("database", "terms", "filters", "limits", "dates", "hits", "note")
SELECTION_COLUMNS: Final = ("step", "works", "note")
#: A count that its source rounds.
ROUNDED: Final = "≈"
LAR_COLUMNS: Final = ("year", "measure", "patients", "rounded", "source", "basis")
REFERENCE_COLUMNS: Final = ("id", "reference", "incomplete")
CALIBRATION_COLUMNS: Final = (
    "target", "label", "printed", "generated", "generated_low", "generated_high", "role", "agrees",
    "confidence", "place", "how",
)  # fmt: skip
CHARACTERISTIC_COLUMNS: Final = (
    "world", "rule", "contrast", "smallest", "quantity", "value", "conf_low", "conf_high", "n_cohorts",
    "reason",
)  # fmt: skip
VERDICT_COLUMNS: Final = ("claim", "text", "published", "real", "synthetic", "why")
VERDICT_TEST_COLUMNS: Final = (
    "claim", "data", "outcome", "definition", "from_wave", "to_wave", "analysis", "n", "estimate", "conf_low",
    "conf_high", "verdict", "verdict_030", "verdict_050",
)  # fmt: skip
VERDICT_WAVE_COLUMNS: Final = (
    "claim", "data", "outcome", "to_wave", "verdict", "verdict_030", "verdict_050", "n_supported",
    "n_contradicted", "n_inconclusive", "estimate_low", "estimate_high",
)  # fmt: skip
VERDICT_WORTH_COLUMNS: Final = (
    "claim", "data", "world", "true", "supported", "conf_low", "conf_high", "contradicted", "n_cohorts",
    "reason",
)  # fmt: skip
SAMPLE_SIZE_COLUMNS: Final = ("n", "value", "conf_low", "conf_high", "n_cohorts")
CHECK_COLUMNS: Final = (
    "table_number", "row", "work", "column", "kind", "diagnosis", "written", "says", "place", "why",
)  # fmt: skip
PUBLISHED_COLUMNS: Final = (
    "check", "what", "claims", "work", "place", "basis", "printed", "follows", "verdict", "why", "low",
    "high",
)  # fmt: skip
PUBLISHED_CORRELATION_COLUMNS: Final = (
    "check", "work", "place", "variable", "column", "n", "printed", "value", "conf_low", "conf_high",
    "p_value", "expected_stars", "n_low", "n_high", "verdict",
)  # fmt: skip
PRINTED_NUMBER_COLUMNS: Final = ("id", "printed", "work", "place", "basis")
COHORT_COLUMNS: Final = (
    "cohort", "measure", "work", "months", "n", "correlation", "estimate", "std_error", "conf_low",
    "conf_high", "estimate_low", "estimate_high", "note",
)  # fmt: skip
COHORT_RANGE_COLUMNS: Final = (
    "label", "kind", "measure", "months", "n", "k", "estimate", "estimate_low", "estimate_high", "conf_low",
    "conf_high", "prediction_low", "prediction_high", "tau_low", "tau_high", "tau_top", "i_squared_low",
    "i_squared_high", "note",
)  # fmt: skip
COHORT_SUMMARY_COLUMNS: Final = (
    "summary", "correlation", "correlations", "k", "estimate", "std_error", "conf_low", "conf_high",
    "std_error_hk", "hk_low", "hk_high", "p_value", "prediction_low", "prediction_high", "tau_squared",
    "tau_squared_low", "tau_squared_high", "i_squared", "q", "q_df", "q_p", "reason",
)  # fmt: skip
LEFT_OUT_COLUMNS: Final = ("work", "why")

#: Columns that hold text, in whichever table; an absent text is empty.
TEXT_COLUMNS: Final = frozenset(
    {
        *_WHERE, "group", "reference", "model", "term", "reason", "step", "from_category", "to_category",
        "definition", "wave", "code", "analysis", "assumption", "level", "odds_reason", "method", "check",
        "effect", "standardiser", "bca_reason", "criterion", "response", "verdict",
        "informs_about", "severity", "where", "handling", "quantity", "shifted", "unit",
        "covariates", "errors", "estimand", "cluster_errors", "cluster_reason",
        "choice", "levels", "what", "rule", "remedy",
        *CLAIM_COLUMNS, *FLAG_COLUMNS, *REQUIRES_COLUMNS, *REVIEW_COLUMNS, *THEME_COLUMNS, *APPRAISAL_COLUMNS,
        *SEARCH_COLUMNS, "note", "measure", "rounded", *REFERENCE_COLUMNS,
        "target", "label", "printed", "role", "agrees", "confidence", "place", "how", "world", "contrast",
        "data", "true", "verdict_030", "verdict_050",
        "file", "column", "diagnosis", "written", "says",
        "follows", "variable", "expected_stars", "cohort", "summary", "correlations",
    }
)  # fmt: skip
#: Columns that hold whole numbers.
COUNT_COLUMNS: Final = frozenset(
    {
        "n", "n_excluded", "expected", "found", "n_lost", "n_seen", "n_model", "specification",
        "n_specifications", "n_above", "n_below", "n_sets", "n_flips",
        "n_entered", "n_trimmed", "n_missing", "n_cohorts", "n_supported", "n_contradicted", "n_inconclusive",
        "table_number", "row", "n_low", "n_high", "k", "months",
    }
)  # fmt: skip

#: Columns of any other kind: ids, flags, lists of rows.
OTHER_COLUMNS: Final = frozenset({PERSON, "rows", "holds"})

RM_GLM: Final = "rm_glm"
ANCOVA: Final = "ancova"
ANCOVA_COVARIATES: Final = "ancova_covariates"
CHANGE_SCORE: Final = "change_score"
MARGINAL_HOMOGENEITY: Final = "marginal_homogeneity"
BRACKET: Final = "bracket"
MIXED: Final = "mixed"
MIXED_FACILITY: Final = "mixed_facility"
MIXED_WAVES: Final = "mixed_waves"
MIXED_WAVES_FACILITY: Final = "mixed_waves_facility"
MMRM_KENWARD_ROGER: Final = "mmrm_kenward_roger"
MMRM_SATTERTHWAITE: Final = "mmrm_satterthwaite"
GEE: Final = "gee"
GEE_INDEPENDENCE: Final = "gee_independence"
#: Models of all waves of a study at once.
WAVE_MODELS: Final = (
    MIXED_WAVES, MIXED_WAVES_FACILITY, MMRM_KENWARD_ROGER, MMRM_SATTERTHWAITE, GEE, GEE_INDEPENDENCE,
)  # fmt: skip
OVERLAP_WEIGHTS: Final = "overlap_weights"
WEIGHTS: Final = "weights"
#: What is said of errors: that they take persons as independent, or leave out each cluster in turn.
INDEPENDENT: Final = "independent"
JACKKNIFE: Final = "jackknife over clusters"
TIPPING_POINT: Final = "tipping_point"
BOUNDS: Final = "bounds"
E_VALUE: Final = "e_value"
MEAN_CHANGE: Final = "mean_change"
DIFFERENCE: Final = "difference"
HALF_SD: Final = "half an SD of the first wave"
SPREAD_WITHIN: Final = "SD within the groups"
#: Tables on what is done about the lost, which are made together.
LOST_PARTS: Final = ("missing", "weights", "robustness")


def clustered(model: str, errors: str) -> str:
    """Return what a model is called with clustered errors.

    Examples
    --------
    >>> clustered("ancova", "CR2")
    'ancova_cr2'
    """
    return f"{model}_{errors.lower()}"


def without_errors(model: str) -> str:
    """Return what a model is called whatever its errors.

    Examples
    --------
    >>> without_errors("ancova_cr2"), without_errors("ancova")
    ('ancova', 'ancova')
    """
    return model.removesuffix("_cr2").removesuffix("_cr3")


_LABELS: Final[dict[str, tuple[str, str, str]]] = {
    ABSTINENT: ("Abstinent network", "Rusfritt nettverk", "Rusfritt nettverk"),
    DRUG_DOMINATED: ("Drug-dominated network", "Nettverk preget av rus", "Nettverk prega av rus"),
    ISOLATED: ("Isolated", "Sosialt isolert", "Sosialt isolert"),
    UNCLASSIFIED: ("Not classified", "Ikke klassifisert", "Ikkje klassifisert"),
    MAINTAINED_ABSTINENT: (
        "Maintained abstinent network",
        "Beholdt rusfritt nettverk",
        "Behaldt rusfritt nettverk",
    ),
    GAINED_ABSTINENT: (
        "Gained abstinent network",
        "Fikk rusfritt nettverk",
        "Fekk rusfritt nettverk",
    ),
    COMPLETED: ("Completed treatment", "Fullført behandling", "Fullført behandling"),
    IN_TREATMENT: ("Still in treatment", "Fortsatt i behandling", "Framleis i behandling"),
    DROPPED_OUT: ("Dropped out", "Falt ut av behandling", "Fall ut av behandling"),
    ALL: ("All", "Alle", "Alle"),
}

#: Paul Tol's high-contrast colours for the three categories; who gained an abstinent network has a lighter
#: shade of its blue.
COLOURS: Final[dict[str, str]] = {
    MAINTAINED_ABSTINENT: "#004488",
    GAINED_ABSTINENT: "#4E8AC4",
    ABSTINENT: "#004488",
    DRUG_DOMINATED: "#BB5566",
    ISOLATED: "#DDAA33",
    UNCLASSIFIED: "#767676",
    ALL: "#222222",
}
OTHER_COLOURS: Final = ("#0072B2", "#C14F00", "#007A5A", "#8A3C78", "#6B5900", "#4B4B9B")

LANGUAGES: Final[tuple[Language, ...]] = ("en", "nb", "nn")


def label(name: str, lang: Language = "en") -> str:
    """Return how a name is shown to a reader.

    Parameters
    ----------
    name : str
        A network category, change group, treatment status or ``"all"``. Any other name, such as a group
        from the user's own file, is returned as it is.
    lang : {"en", "nb", "nn"}
        English, Bokmål or Nynorsk.

    Returns
    -------
    str

    Raises
    ------
    UnknownNameError
        Where the language is not one of the three.

    Examples
    --------
    >>> label("gained_abstinent")
    'Gained abstinent network'
    >>> label("drug_dominated", "nn")
    'Nettverk prega av rus'
    >>> label("Clinic A")
    'Clinic A'
    """
    if lang not in LANGUAGES:
        raise unknown_name("language", lang, LANGUAGES)
    if name not in _LABELS:
        return name
    return _LABELS[name][LANGUAGES.index(lang)]


def fixed_labels() -> dict[str, tuple[str, str, str]]:
    """Return how every fixed name is shown: English, Bokmål, Nynorsk."""
    return dict(_LABELS)


def in_sentence(name: str, lang: Language = "en") -> str:
    """Return a name as it stands inside a sentence; a group of the user's own keeps its letters.

    Examples
    --------
    >>> in_sentence("gained_abstinent"), in_sentence("isolated", "nn"), in_sentence("Clinic A")
    ('gained abstinent network', 'sosialt isolert', 'Clinic A')
    """
    shown = label(name, lang)
    return shown if name not in _LABELS else shown[0].lower() + shown[1:]


def colours(groups: tuple[str, ...]) -> dict[str, str]:
    """Return one colour a group: the fixed one where the group has it, else one by position."""
    return {
        group: COLOURS.get(group, OTHER_COLOURS[position % len(OTHER_COLOURS)])
        for position, group in enumerate(groups)
    }
