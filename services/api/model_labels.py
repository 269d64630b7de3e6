"""What people read for the words of the churn model: who speaks, what became of a refit, why the fallback speaks."""

from collections.abc import Mapping
from typing import Final

from services.api.labels import Label, Language
from shared.domain.policy import Policy
from shared.fitting.report import Reason, Refit

SCORERS: Final[Mapping[str, Label]] = {
    "classic": Label("Classic model", "经典模型"),
    "hazard": Label("Hazard of a purchase", "购买风险率模型"),
    "blend": Label("Both together", "两者综合"),
    "in_force": Label("The model in force before", "此前生效的模型"),
    "silence": Label("Silence alone", "仅看沉默时长"),
    "silence_over_mean": Label("Silence by the own mean interval", "沉默时长与自身平均间隔之比"),
    "constant": Label("One probability for everybody", "对所有客户取同一概率"),
}

VERDICTS: Final[Mapping[Reason, Label]] = {
    "accepted": Label("Accepted", "已采用"),
    "too_little_history": Label("Refused: too little history", "未采用：历史数据太少"),
    "not_finite": Label("Refused: no finite parameters", "未采用：参数不是有限值"),
    "no_skill": Label("Refused: no better than one probability for everybody", "未采用：不优于对所有客户取同一概率"),
    "not_calibrated": Label("Refused: probabilities are off", "未采用：概率偏差过大"),
    "worse_than_in_force": Label("Refused: worse than the model in force", "未采用：不如当前生效的模型"),
}

STATES: Final[Mapping[str, Label]] = {
    "in_force": Label("In force", "生效中"),
    "scheduled": Label("Takes effect soon", "即将生效"),
    "past": Label("Was in force", "曾经生效"),
    "refused": Label("Refused", "未采用"),
}

_NO_REFIT: Final = Label("No refit has been made yet.", "尚未进行过模型拟合。")
_SCHEDULED: Final = Label("The model {version} takes effect in a moment.", "模型 {version} 即将生效。")
_NEWEST: Final = Label("The newest refit, {version}, was {verdict}.", "最近一次拟合 {version} {verdict}。")
_FALLBACK: Final = Label(
    "Until there is a model, silence is held against each customer's own long gap, which begins from {prior} (mean of"
    " ln days {mu0:.2f}, deviation {sigma0:.2f}).",
    "在有模型之前，沉默时长与客户自身的长间隔相比，初始取{prior}（天数对数的均值 {mu0:.2f}，标准差 {sigma0:.2f}）。",
)
_PRIOR: Final[Mapping[bool, Label]] = {
    True: Label("the population's prior", "全体客户的先验"),
    False: Label("the policy's prior", "策略的先验"),
}
_SPEAKS: Final = Label("The model {version} is in force.", "模型 {version} 生效中。")
_FITTED: Final = Label(
    "{verdict}. Fitted to {repeats} repeat purchases of {customers} customers.",
    "{verdict}。依据 {customers} 位客户的 {repeats} 次重复购买。",
)


def refit_text(refit: Refit, language: Language) -> str:
    """What became of a refit."""
    if language == "en":
        return refit.said
    verdict, report = VERDICTS[refit.reason].says(language), refit.report
    return _FITTED.says(language).format(verdict=verdict, repeats=report.repeats, customers=report.customers)


def model_text(version: str, newest: Refit | None, language: Language) -> str:
    """Which model speaks, and what became of the newest refit where that was another one."""
    told = [_SPEAKS.says(language).format(version=version)]
    if newest is not None and newest.version != version:
        told.append(_newest(newest, language))
    return _joined(told, language)


def fallback_text(policy: Policy, newest: Refit | None, language: Language) -> str:
    """Why no model speaks, and what does instead."""
    why = _NO_REFIT.says(language) if newest is None else _newest(newest, language)
    prior = _PRIOR[policy.model is not None].says(language)
    what = _FALLBACK.says(language).format(prior=prior, mu0=policy.mu0, sigma0=policy.sigma0)
    return _joined([why, what], language)


def _newest(refit: Refit, language: Language) -> str:
    """What became of the newest refit, whose model is not in force."""
    if refit.accepted:
        return _SCHEDULED.says(language).format(version=refit.version)
    verdict = VERDICTS[refit.reason].says(language)
    told = verdict[:1].lower() + verdict[1:]
    return _NEWEST.says(language).format(version=refit.version, verdict=told)


def _joined(sentences: list[str], language: Language) -> str:
    return (" " if language == "en" else "").join(sentences)
