"""Results paragraphs in APA style, ready to be pasted: every number from the tables of the run."""

from __future__ import annotations

from larstudy.catalogue import numbers_in_language, say
from larstudy.names import ALL, ANCOVA, CHANGE_SCORE, RM_GLM, Language, clustered, in_sentence
from larstudy.reporting.findings import known, two_answers, wave_text
from larstudy.reporting.material import Interval, Material, Row, place
from larstudy.tables import show_fixed, show_level, show_number, show_p_in_text


def results_paragraph(material: Material, outcome: str, interval: Interval, lang: Language) -> str:
    """Return what was found of one outcome over one interval, in APA style.

    Parameters
    ----------
    material : Material
    outcome : str
    interval : (str, str)
    lang : {"en", "nb", "nn"}

    Returns
    -------
    str
        Empty where nothing can be told: too few people, or everything is withheld.
    """
    sentences = [
        _everybody(material, outcome, interval, lang),
        *_tests(material, outcome, interval, lang),
        *_each_group(material, outcome, interval, lang),
        *_differences(material, outcome, interval, lang),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _everybody(material: Material, outcome: str, interval: Interval, lang: Language) -> str:
    row = material.row("change", **place(outcome, interval), group=ALL)
    if not known(row, "n", "estimate", "conf_low", "statistic", "df", "p_value"):
        return ""
    digits = material.digits(outcome)
    return say(
        "From {from_wave} to {to_wave} {outcome} went from M = {before} (SD = {before_sd}) to M = {after}"
        " (SD = {after_sd}), mean change {estimate}, {level} CI [{interval}], t({df}) = {t}, {p}, d_z = {d}"
        " (n = {n}).",
        lang,
        from_wave=wave_text(interval[0], lang),
        to_wave=wave_text(interval[1], lang),
        outcome=material.label(outcome),
        before=show_number(float(row["before_mean"]), digits),
        before_sd=show_number(float(row["before_sd"]), digits),
        after=show_number(float(row["after_mean"]), digits),
        after_sd=show_number(float(row["after_sd"]), digits),
        estimate=show_number(float(row["estimate"]), digits),
        level=show_level(material.spec.analysis.confidence),
        interval=in_brackets(row, digits, lang),
        df=degrees(float(row["df"])),
        t=show_fixed(float(row["statistic"]), 2),
        p=show_p_in_text(float(row["p_value"]), lang),
        d=show_fixed(float(row["d_z"]), 2),
        n=int(row["n"]),
    )


def in_brackets(row: Row, digits: int, lang: Language) -> str:
    """Return the ends of an interval as APA prints them between brackets; where decimals have a comma, by ;.

    Examples
    --------
    >>> row = {"conf_low": 0.071, "conf_high": 0.111}
    >>> in_brackets(row, 3, "en"), in_brackets(row, 3, "nn")
    ('0.071, 0.111', '0,071; 0,111')
    """
    low, high = (show_number(float(row[name]), digits) for name in ("conf_low", "conf_high"))
    return numbers_in_language(f"{low}, {high}" if lang == "en" else f"{low}; {high}", lang)


def degrees(value: float) -> str:
    """Return degrees of freedom: whole where they are, else with two decimals, as APA prints them.

    Examples
    --------
    >>> degrees(203.0), degrees(14.9087)
    ('203', '14.91')
    """
    return f"{value:.0f}" if abs(value - round(value)) < 1e-9 else f"{value:.2f}"


def _model(material: Material, model: str) -> str:
    """Return a model with errors for the clusters where the study names them."""
    spec = material.spec
    return model if spec.cluster is None else clustered(model, spec.analysis.cluster_errors)


def f_text(row: Row, lang: Language = "en") -> str:
    """Return an F test: ``F(3, 203) = 3.21, p = .024``, with partial η² where it is known."""
    text = (
        f"F({degrees(float(row['df_num']))}, {degrees(float(row['df']))}) ="
        f" {show_fixed(float(row['statistic']), 2)}, {show_p_in_text(float(row['p_value']))}"
    )
    eta = float(row["partial_eta_squared"])
    if eta == eta:
        text = f"{text}, {say('partial', lang)} η² = {show_fixed(eta, 3).removeprefix('0')}"
    return numbers_in_language(text, lang)


def _tests(material: Material, outcome: str, interval: Interval, lang: Language) -> list[str]:
    where = place(outcome, interval)
    model = _model(material, RM_GLM)
    time = material.row("models", **where, model=model, term="time")
    both = material.row("models", **where, model=model, term="time:group")
    level = material.row("models", **where, model=_model(material, ANCOVA), term="group")
    found = []
    if known(time, "statistic", "df", "p_value") and known(both, "statistic", "df", "p_value"):
        found.append(
            say(
                "In the general linear model for repeated measures the change over time was {time}, and the"
                " difference in change between groups {both}.",
                lang,
                time=f_text(time, lang),
                both=f_text(both, lang),
            )
        )
    if known(level, "statistic", "df", "p_value"):
        found.append(
            say(
                "By analysis of covariance groups differed at follow-up by {test}.",
                lang,
                test=f_text(level, lang),
            )
        )
    return found


def _each_group(material: Material, outcome: str, interval: Interval, lang: Language) -> list[str]:
    digits = material.digits(outcome)
    parts = []
    for row in material.rows("change", **place(outcome, interval)):
        if row["group"] not in material.groups or not known(row, "n", "estimate", "conf_low", "conf_high"):
            continue
        parts.append(
            say(
                "{group} {estimate} [{interval}] (n = {n})",
                lang,
                group=in_sentence(str(row["group"])),
                estimate=show_number(float(row["estimate"]), digits),
                interval=in_brackets(row, digits, lang),
                n=int(row["n"]),
            )
        )
    return [f"{say('Mean change by group', lang)}: {'; '.join(parts)}."] if parts else []


def _differences(material: Material, outcome: str, interval: Interval, lang: Language) -> list[str]:
    digits = material.digits(outcome)
    found = []
    for group in material.groups:
        answers = two_answers(material, outcome, interval, group) if group != material.reference else None
        if answers is None:
            continue
        shown = {
            f"{name}_{what}": text
            for name, row in zip((CHANGE_SCORE, ANCOVA), answers, strict=True)
            for what, text in (
                ("estimate", show_number(float(row["estimate"]), digits)),
                ("interval", in_brackets(row, digits, lang)),
                ("p", show_p_in_text(float(row["p_value"]), lang)),
            )
        }
        found.append(
            say(
                "Against the group “{reference}”, the group “{group}” differed by {change_score_estimate}"
                " [{change_score_interval}], {change_score_p}, in change, and by {ancova_estimate}"
                " [{ancova_interval}], {ancova_p}, of people who started alike.",
                lang,
                reference=in_sentence(material.reference),
                group=in_sentence(group),
                **shown,
            )
        )
    return found
