"""What each figure of a rulebook means, as a sentence in English and one in Chinese.

The key is `Struct.field`, with `=word` for each word of a closed list, `=true` and `=false`, and
`=none` where leaving a field out says something, `=tally` where it reads otherwise on a tally. In
braces stands a value: `{v}` that of the field, `{k}` its key in a table, any other name that field
of the struct. A form after the colon is English grammar: `{v:day}` is `1 day` or `3 days`,
`{v:nth}` is `2nd`. `Stop`, `Fine`, `Duration` and `CleanRun` have phrases, which are put into the
sentences of what bears them.

A field of `ledger.rulebook.model` without a sentence fails a test: what a rulebook can say,
`explain` can.
"""

from typing import TypeAlias

from ledger.rulebook.model import Severity

Both: TypeAlias = tuple[str, str]

HEADINGS: dict[str, Both] = {
    "counters": ("Counters", "计分"),
    "categories": ("What a violation costs", "违规与扣罚"),
    "nodes": ("What happens at which score", "分值节点与处置"),
    "ladders": ("Offences that are counted", "累犯阶梯"),
    "lapses": ("Features that are closed where nobody uses them", "长期未使用即关闭的功能"),
    "recovery": ("How points come back", "分值恢复"),
    "accrual_exam": ("The exam for points", "加分考试"),
    "courses": ("Courses", "学习课程"),
    "exam": ("The exam in place of a penalty", "以考代罚"),
    "appeal": ("Appeals", "申诉"),
    "redress": ("Where to turn", "救济途径"),
    "clauses": ("In the words of the rules", "规则原文"),
    "sources": ("Sources", "来源"),
    "warnings": ("Worth another look", "值得复核之处"),
    "Counter": ("{title}", "{title}"),
    "Category": ("{title} ({k})", "{title}（{k}）"),
    "Severity": ("At severity {title}", "情节：{title}"),
    "Node": ("Node {k}: {title}", "节点 {k}：{title}"),
    "Node=none": ("Node {k}", "节点 {k}"),
    "Ladder": ("Ladder {k}: {title}", "阶梯 {k}：{title}"),
    "Ladder=none": ("Ladder {k}", "阶梯 {k}"),
    "Lapse": ("{title} ({k})", "{title}（{k}）"),
    "Step": ("From the {nth:nth} offence on", "自第{nth}次起"),
}
"""Of the file's tables, and of what has a name or a place in a list."""

ONLY_BESIDE = {"Counter.expires_from": "expires_after", "Reset.carry": "carry_from"}
"""Fields that say something only where another one is given."""

OF_A_VIOLATION: dict[str, Both] = {
    "points": ("It costs {v:point}.", "扣{v}分。"),
    "points=tally": ("It costs {v:point}.", "记{v}分。"),
    "points=none": (
        "Where no figure follows, each decision brings its own points.",
        "下文未列明的，分值由每次判定给出。",
    ),
    "restorable": (
        "A passed exam gives {v:point} back.", "考试通过可恢复{v}分。",
    ),
    "restorable=tally": ("A passed exam takes {v:point} off.", "考试通过可消除{v}分。"),
    "counter": ("It counts on {v}.", "计入{v}。"),
    "measures": ("The measures that go with it: {v}.", "同时采取的措施：{v}。"),
    "fines": ("It comes with a {v}.", "并处{v}。"),
    "stops": ("It comes with {v}.", "并处{v}。"),
    "expires_after": (
        "Its points stop counting after {v}.", "其分值经{v}后不再计入。",
    ),
    "once_per_item=true": (
        "It is found once for the same item.", "同一对象只处罚一次。",
    ),
    "not_after": (
        "It has no effect unless it is found within {v}.", "行为发生后{v}内未被发现的，不再处理。",
    ),
}  # fmt: skip
"""What a category says, and a severity of it as far as it may."""


def _graded(key: str) -> bool:
    field, _, word = key.partition("=")
    return field in Severity.__struct_fields__ and word != "none"


SENTENCES: dict[str, Both] = {
    "Rulebook.draft=true": (
        "This is a draft: it is in force only where its adoption is recorded.",
        "本件为草案，仅在其通过已被记录时施行。",
    ),
    "Rulebook.in_force_from": ("It is in force from 00:00 of {v}.", "自{v}零时起施行。"),
    "Rulebook.zone": (
        "Days, months and midnights are those of {v}.", "日、月与零时以 {v} 时区为准。",
    ),
    "Rulebook.zone=Asia/Shanghai": (
        "Days, months and midnights are those of Asia/Shanghai.",
        "日、月与零时以北京时间为准。",
    ),
    "Rulebook.overlap=max": (
        "Of several stops of one feature each keeps its own clock; the latest end counts.",
        "同一功能的多项停用各自计时，以最晚的结束时间为准。",
    ),
    "Rulebook.overlap=sum": (
        "Several stops of one feature are served one after the other.",
        "同一功能的多项停用依次累计执行。",
    ),
    "Rulebook.overlap=restart": (
        "A further stop of a feature begins on the next day and takes the place of those that "
        "would end before it.",
        "同一功能再次被停用时，次日起重新计算，并取代先于其结束的停用。",
    ),
    "Rulebook.crossing=all": (
        "Of several nodes that one violation crosses, all start.",
        "一次违规跨越多个节点的，各节点均触发。",
    ),
    "Rulebook.crossing=deepest": (
        "Of several nodes that one violation crosses, only the last one starts; where that is "
        "lifted, the last before it that was crossed takes its place.",
        "一次违规跨越多个节点的，仅触发最后到达的节点；该节点的处理被解除的，改按此前最后跨越的节点处理。",
    ),
    # --- counters --------------------------------------------------------------------------------
    "Counter.direction=balance": ("Violations take points from it.", "违规从中扣减分值。"),
    "Counter.direction=tally": ("Violations add points to it.", "违规在此累计分值。"),
    "Counter.initial": ("It begins at {v}.", "初始为{v}分。"),
    "Counter.floor": ("It never falls below {v}.", "最低为{v}分。"),
    "Counter.cap": ("It never rises above {v}.", "最高为{v}分。"),
    "Counter.cap=none": ("It has no upper end.", "不设上限。"),
    "Counter.expires_after": (
        "The points of a violation stop counting after {v}.", "每次违规的分值经{v}后不再计入。",
    ),
    "Counter.expires_from=found": (
        "That time is counted from the finding.", "上述期限自判定之日起算。",
    ),
    "Counter.expires_from=offence": (
        "That time is counted from the offence, where its date is known.",
        "上述期限自违规行为之日起算（行为日期已知时）。",
    ),
    "Counter.expires_from=effect": (
        "That time is counted from the day on which the violation took effect.",
        "上述期限自处罚生效之日起算。",
    ),
    "Counter.expiry_pauses=true": (
        "That time does not run while a stop runs.", "停用执行期间，上述期限中止计算。",
    ),
    "Reset.on": ("It starts anew at 00:00 of {v} (month-day).", "于每年{v}零时重置。"),
    "Reset.every_months": (
        "It starts anew every {v:month} after enrolment.", "自开通之日起每{v}个月重置一次。",
    ),
    "Reset.not_from": (
        "Whoever has got to {v} is not reset.", "已达{v}分的不予重置。",
    ),
    "Reset.carry_from": (
        "Whoever has got to {v} does not start at the beginning.", "已达{v}分的不从初始分起算。",
    ),
    "Reset.carry": ("They carry {v} over.", "结转为{v}分。"),
    "Reset.not_while_owing=true": (
        "There is no reset while money is owed.", "尚有款项未缴清的不予重置。",
    ),
    "Reset.after_stops=true": (
        "While a stop runs, the reset waits for its end.", "处置期间的重置待处置结束后进行。",
    ),
    # --- stops, fines, lengths: phrases ----------------------------------------------------------
    "Feature.kind=feature": ("{v} stopped", "{v}停用"),
    "Feature.kind=sanction": ("{v}", "{v}"),
    "Stop.feature": ("{v}", "{v}"),
    "Stop.hours": ("for {v:hour}", "{v}小时"),
    "Stop.days": ("for {v:day} of 24 hours", "{v}天（按24小时计）"),
    "Stop.natural_days": ("to the end of the {v:nth} day after", "至其后第{v}个自然日结束"),
    "Stop.months": ("for {v:month}", "{v}个月"),
    "Stop.occasions": ("for the next {v:occasion}", "（其后{v}场）"),
    "Stop.permanent=true": ("for ever", "（永久）"),
    "Stop.while_triggered=true": (
        "as long as the score is on the wrong side", "（直至分值恢复）",
    ),
    "Fine.account": ("{v}", "{v}"),
    "Fine.amount": ("of {v}", "{v}"),
    "Fine.currency": ("{v}", "{v}"),
    "Fine.currency=CNY": ("CNY", "元"),
    "Duration.hours": ("{v:hour}", "{v}小时"),
    "Duration.days": ("{v:day} of 24 hours", "{v}天（每天24小时）"),
    "Duration.natural_days": ("{v:day}, to the end of the last", "{v}个自然日"),
    "Duration.months": ("{v:month}", "{v}个月"),
    "CleanRun.days": ("{v:day}", "{v}天"),
    "CleanRun.below": ("while the score is below {v}", "（分值低于{v}时）"),
    "CleanRun.then": ("and then each {v:day} of the same run", "（同一周期内其后每{v}天）"),
    # --- categories ------------------------------------------------------------------------------
    **{f"Category.{key}": said for key, said in OF_A_VIOLATION.items()},
    **{f"Severity.{key}": said for key, said in OF_A_VIOLATION.items() if _graded(key)},
    "Severity.fines=empty": ("It comes with no fine.", "不另处款项。"),
    "Severity.stops=empty": ("It stops nothing.", "不停用任何功能。"),
    # --- nodes -----------------------------------------------------------------------------------
    "Node.counter": ("It looks at {v}.", "针对{v}。"),
    "Node.below": (
        "It starts when a violation takes the score below {v}.", "违规使分值低于{v}分时触发。",
    ),
    "Node.at_or_below": (
        "It starts when a violation takes the score to {v} or below.",
        "违规使分值降至{v}分或更低时触发。",
    ),
    "Node.at_or_above": (
        "It starts when a violation brings the score to {v} or above.",
        "违规使分值累计达到{v}分时触发。",
    ),
    "Node.above": (
        "It starts when a violation brings the score above {v}.", "违规使分值累计超过{v}分时触发。",
    ),
    "Node.every": (
        "It starts again at each further {v:point}; several reached at once stop once, and fine "
        "for each.",
        "其后每再{v}分再次触发；一次达到数倍的，停用一次，款项按倍数计。",
    ),
    "Node.every=deepest": (
        "It starts again at each further {v:point}; of several reached at once only the last "
        "starts, and where that is lifted, the one before it takes its place.",
        "其后每再{v}分再次触发；一次达到数倍的，仅触发最后一倍，该倍的处理被解除的，改按其前一倍处理。",
    ),
    "Node.stops": ("Then: {v}.", "触发时{v}。"),
    "Node.release_at": (
        "A stop that lasts with the score ends when the score is back at {v}.",
        "随分值持续的停用，至分值恢复到{v}分时结束。",
    ),
    "Node.fines": ("Each time a {v} falls due.", "每次应缴{v}。"),
    "Node.removes": (
        "A stop that has been served takes {v:point} off.", "停用执行完毕后，移除{v}分。",
    ),
    "Node.lifted_by": ("What it started is lifted by {v}.", "由此产生的处理可因{v}解除。"),
    "Node.lifted_by=none": (
        "No appeal and no exam lifts what it started by itself.",
        "申诉与考试本身均不解除由此产生的处理。",
    ),
    "Node.lifted_by=appeal": ("a granted appeal", "申诉通过"),
    "Node.lifted_by=exam": ("a passed exam", "考试通过"),
    # --- ladders ---------------------------------------------------------------------------------
    "Ladder.categories": ("Violations that count: {v}.", "计入的违规：{v}。"),
    "Ladder.categories=none": ("All violations count.", "所有违规均计入。"),
    "Ladder.severities": ("Only at severity {v}.", "仅限情节：{v}。"),
    "Ladder.per=category": ("Each category is counted by itself.", "各类违规分别计次。"),
    "Ladder.per=overall": ("They are counted together.", "合并计次。"),
    "Ladder.within": ("Only those of the last {v} count.", "仅计最近{v}内的违规。"),
    "Ladder.within=none": ("They count for ever.", "计次不设期限。"),
    "Ladder.counts=each": ("Each violation counts.", "逐次计算。"),
    "Ladder.counts=batches": (
        "What was found together counts once.", "同批判定的只计一次。",
    ),
    "Ladder.counts=stops": (
        "It is not violations that count but the stops before: after one stop comes the second.",
        "不计违规而计此前的停用次数：一次停用之后的违规即为第2次。",
    ),
    "Ladder.after_void=as_decided": (
        "If an offence turns out to be void, later ones stay as they were decided.",
        "其中一次被撤销的，其后各次维持原判。",
    ),
    "Ladder.after_void=re_judged": (
        "If an offence turns out to be void, later ones are judged again.",
        "其中一次被撤销的，其后各次重新判定。",
    ),
    "Step.points": ("It costs {v:point} instead.", "改为{v}分。"),
    "Step.fines": ("It comes with a {v} instead.", "改处{v}。"),
    "Step.fines=empty": ("It comes with no fine.", "不另处款项。"),
    "Step.stops": ("It comes with {v}.", "并处{v}。"),
    "Step.stops=empty": ("It stops nothing.", "不停用任何功能。"),
    # --- features that lapse ---------------------------------------------------------------------
    "Lapse.unused_for": (
        "It is closed when it has not been used for {v}, until it is opened again.",
        "{v}未使用的予以关闭，直至再次开通。",
    ),
    "Lapse.open_for": (
        "It is not closed before it has been open for {v}.", "开通未满{v}的不予关闭。",
    ),
    # --- how points come back --------------------------------------------------------------------
    "Recovery.cadence=monthly": (
        "Points come back after a calendar month without a violation.",
        "自然月内无违规的，可恢复分值。",
    ),
    "Recovery.cadence=clean_days": (
        "Points come back after days in a row without a violation.",
        "连续无违规达到天数的，可恢复分值。",
    ),
    "Recovery.cadence=qualified_days": (
        "Points come back for days that qualify; they add up.", "合格天数累计达标的，可恢复分值。",
    ),
    "Recovery.points": ("Each time {v:point}.", "每次{v}分。"),
    "Recovery.counter": ("They come back to {v}.", "恢复至{v}。"),
    "Recovery.counter=tally": ("They come off {v}.", "从{v}中消除。"),
    "Recovery.runs": ("Needed: {v}.", "所需：{v}。"),
    "Recovery.automatic=true": ("They come back by themselves.", "到期自动恢复。"),
    "Recovery.not_at_floor=true": (
        "A score that has reached its end does not come back.", "分值已至尽头的不再恢复。",
    ),
    "AccrualExam.points": ("A pass gives {v:point}.", "通过可得{v}分。"),
    "AccrualExam.points=tally": ("A pass takes {v:point} off.", "通过可消除{v}分。"),
    "AccrualExam.pass_mark": ("A mark of {v} is a pass.", "达到{v}分为通过。"),
    "AccrualExam.per_days": ("At most once in {v:day}.", "每{v}天至多一次。"),
    "AccrualExam.counter": ("The points go to {v}.", "计入{v}。"),
    "AccrualExam.counter=tally": ("The points come off {v}.", "从{v}中消除。"),
    "Courses.points": ("The course {k} gives {v:point} back.", "课程“{k}”可恢复{v}分。"),
    "Courses.points=tally": ("The course {k} takes {v:point} off.", "课程“{k}”可消除{v}分。"),
    "Courses.at_most": (
        "At most {v:point} in all until the next reset.", "下次重置前合计至多{v}分。",
    ),
    "Courses.counter": ("They come back to {v}.", "恢复至{v}。"),
    "Courses.counter=tally": ("They come off {v}.", "从{v}中消除。"),
    "Courses.not_while_stopped=true": ("Not while a stop runs.", "处置期间不予恢复。"),
    # --- exam in place of a penalty --------------------------------------------------------------
    "Exam.minimum_level": ("It is open from level {v}.", "等级达到{v}级方可参加。"),
    "Exam.reputation_above": ("Reputation must be above {v}.", "带货口碑分须高于{v}分。"),
    "Exam.window_days": (
        "It is open for {v:day} after the notice, to the end of the last.",
        "通知后{v}个自然日内有效。",
    ),
    "Exam.answers": ("It may be sat {v:time}.", "可作答{v}次。"),
    "Exam.pass_mark": ("A mark of {v} is a pass.", "达到{v}分为通过。"),
    "Exam.quota_days": (
        "It can be had once per category in {v:day}.", "同类违规每{v}天限一次。",
    ),
    "Exam.study_required=true": ("Study comes before it.", "须先完成学习。"),
    "Exam.study_required=false": ("It needs no study.", "无须先行学习。"),
    "Exam.claim_required=true": ("The right to it must be claimed.", "须先领取考试权益。"),
    "Exam.claim_required=false": ("Nobody needs to claim it.", "无须领取考试权益。"),
    # --- appeals ---------------------------------------------------------------------------------
    "Appeal.window_days": (
        "A violation may be contested for {v:day} after it was found, to the end of the last.",
        "判定后{v}个自然日内可以申诉。",
    ),
    "Appeal.window_days=none": (
        "No time limit is given: no appeal counts as late.", "未载申诉期限：申诉不以逾期论。",
    ),
    "Appeal.attempts": ("It may be contested {v:time}.", "可申诉{v}次。"),
    "Appeal.restitution=delta": (
        "A granted appeal gives back what was taken and has not been given back yet.",
        "申诉通过的，恢复已扣而尚未恢复的分值。",
    ),
    "Appeal.effect=at_once": (
        "A violation takes effect at once, contested or not.", "判定即时生效，申诉期间不停止执行。",
    ),
    "Appeal.effect=after_appeal": (
        "A violation takes effect when the appeal is denied or too late.",
        "申诉被驳回或逾期未申诉后，判定方生效。",
    ),
}  # fmt: skip
