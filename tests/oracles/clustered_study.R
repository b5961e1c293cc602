# What clusters do to the analyses of Lord's paradox, to regression to the mean, to planned contrasts, to mean changes and
# to who was lost: Rscript tests/oracles/clustered_study.R INPUTS OUTPUTS
# INPUTS from make_inputs.py (help.csv); OUTPUTS is this folder, which also holds the made facilities
# (clusters_help_facility.csv, from clusters.R). Written independently of the Python code: clubSandwich, and every
# jackknife as a loop that fits the model anew (lm; nlme::gls for the constrained baseline) without each facility.
suppressMessages({library(clubSandwich); library(nlme)})
options(digits = 17, contrasts = c("contr.treatment", "contr.poly"))
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
save <- function(d, f) { num <- sapply(d, is.numeric)
  d[num] <- lapply(d[num], function(x) ifelse(is.na(x), NA, sprintf("%.15g", x)))
  write.csv(d, file.path(outputs, f), row.names = FALSE, quote = FALSE, na = "") }
h <- read.csv(file.path(inputs, "help.csv"))
made <- read.csv(file.path(outputs, "clusters_help_facility.csv")); h$facility <- made$facility[match(h$ID, made$ID)]
unknown <- is.na(h$PSS_FR) | is.na(h$PSS_FA) | is.na(h$O1B) | is.na(h$O1C)
h$net <- ifelse(unknown, NA, ifelse(h$PSS_FR <= 3 & h$PSS_FA <= 3, "isolated",
                ifelse(h$O1B >= 3 | h$O1C >= 3, "drug_dominated", "abstinent")))
lv <- c("drug_dominated", "maintained_abstinent", "gained_abstinent", "isolated")
trow <- function(est, se, df) { q <- qt(.975, df); data.frame(estimate = est, std_error = se, statistic = est / se, df = df,
  p_value = 2 * pt(-abs(est / se), df), conf_low = est - q * se, conf_high = est + q * se) }
jackknife <- function(d, fun) {                  # fun(data) -> numbers; every facility of the data left out in turn
  full <- as.numeric(fun(d)); G <- length(unique(d$facility))
  each <- sapply(unique(d$facility), function(j) as.numeric(fun(d[d$facility != j, ]))); each <- matrix(each, nrow = length(full))
  trow(full, sqrt((G - 1) / G * rowSums((each - full)^2)), G - 1) }
combine <- function(m, v, C) { e <- as.data.frame(linear_contrast(m, vcov = v, contrasts = C, test = "Satterthwaite",
                                                                  p_values = TRUE))
  data.frame(estimate = e$Est, std_error = e$SE, statistic = e$Est / e$SE, df = e$df, p_value = e$p_val,
             conf_low = e$CI_L, conf_high = e$CI_U) }
rows <- list(); add <- function(...) rows[[length(rows) + 1]] <<- data.frame(..., stringsAsFactors = FALSE)
planned <- rbind(gained_against_drug_dominated = c(-1, 0, 1, 0), abstinent_against_rest = c(-.5, .5, .5, -.5),
                 isolated_against_rest = c(-1, -1, -1, 3) / 3)

for (outcome in c("MCS", "CES_D")) {
  b <- h[h$TIME == 0, ]; f <- h[h$TIME == 12, ]; i <- match(b$ID, f$ID)
  w <- data.frame(before = b[[outcome]], after = f[[outcome]][i], n0 = b$net, n1 = f$net[i], facility = b$facility)
  w <- w[!is.na(w$before), ]
  w$group <- factor(ifelse(is.na(w$n0) | is.na(w$n1), NA, ifelse(w$n1 != "abstinent", w$n1,
                    ifelse(w$n0 == "abstinent", "maintained_abstinent", "gained_abstinent"))), lv)
  pairs <- w[!is.na(w$after), ]; pairs$change <- pairs$after - pairs$before
  g <- pairs[!is.na(pairs$group), ]
  # mean changes: by themselves, and as cells of one model
  for (kind in c("CR2", "CR3")) {
    for (name in c("all", "unclassified", lv)) {
      d <- switch(name, all = pairs, unclassified = pairs[is.na(pairs$group), ], g[g$group == name, ])
      m <- lm(change ~ 1, d); add(outcome, part = "change", errors = kind, what = "", group = name,
        combine(m, vcovCR(m, cluster = d$facility, type = kind), matrix(1))) }
    m <- lm(change ~ 0 + group, g); v <- vcovCR(m, cluster = g$facility, type = kind)
    add(outcome, part = "change_cells", errors = kind, what = "", group = lv, combine(m, v, diag(4)))
    add(outcome, part = "planned", errors = kind, what = "change_score", group = rownames(planned), combine(m, v, planned))
    against <- cbind(-1, diag(3))
    add(outcome, part = "estimands", errors = kind, what = "change_score", group = lv[-1], combine(m, v, against))
    m <- lm(after ~ 0 + group + before, g); v <- vcovCR(m, cluster = g$facility, type = kind)
    add(outcome, part = "planned", errors = kind, what = "ancova", group = rownames(planned), combine(m, v, cbind(planned, 0)))
    add(outcome, part = "estimands", errors = kind, what = "ancova", group = lv[-1], combine(m, v, cbind(against, 0)))
  }
  # the corrected analysis: follow-up on group and baseline, the slope over the reliability
  for (r in c(.6, .75, .9, 1)) {
    found <- jackknife(g, function(d) { slope <- coef(lm(after ~ group + before, d))["before"] / r
      rest <- tapply(d$after - slope * d$before, d$group, mean); unname(rest[-1] - rest[1]) })
    add(outcome, part = "estimands", errors = "jackknife", what = sprintf("ancova_corrected %g", r), group = lv[-1], found) }
  # regression to the mean: of everybody with a baseline, or a mean from elsewhere
  parts <- function(mu) function(d) { seen <- d[!is.na(d$after) & !is.na(d$group), ]
    slope <- coef(lm(after ~ group + before, seen))["before"]; m <- if (is.na(mu)) mean(d$before) else mu
    x <- tapply(seen$before, seen$group, mean); gain <- tapply(seen$after - seen$before, seen$group, mean)
    expected <- (1 - slope) * (m - x); unname(c(expected, gain - expected)) }
  for (mu in c(NA, 45)) {
    found <- jackknife(if (is.na(mu)) w else g, parts(mu))
    add(outcome, part = rep(c("expected", "remainder"), each = 4), errors = "jackknife",
        what = if (is.na(mu)) "own mean" else "mean 45", group = rep(lv, 2), found) }
  # the constrained baseline: one mean before for all, an own mean after for each group, unstructured covariance
  gains <- function(d) {
    d$id <- seq_len(nrow(d)); seen <- !is.na(d$after) & !is.na(d$group)
    long <- rbind(data.frame(id = d$id, t = 1L, y = d$before, cell = "start"),
                  data.frame(id = d$id[seen], t = 2L, y = d$after[seen], cell = as.character(d$group[seen])))
    long$cell <- factor(long$cell, c("start", lv)); long <- long[order(long$id, long$t), ]
    m <- gls(y ~ cell, long, correlation = corSymm(form = ~ t | id), weights = varIdent(form = ~ 1 | t), method = "REML",
             control = glsControl(tolerance = 1e-10, msTol = 1e-12, opt = "optim", maxIter = 500, msMaxIter = 500))
    gain <- unname(coef(m)[-1]); c(gain, gain[-1] - gain[1]) }
  found <- jackknife(w, gains)
  add(outcome, part = rep(c("gains", "gains_apart"), c(4, 3)), errors = "jackknife", what = "constrained_baseline",
      group = c(lv, lv[-1]), found)
}
d <- do.call(rbind, lapply(rows, function(r) { names(r)[1] <- "outcome"; r })); save(d, "clustered_study.csv")

# ---- who was lost: of those with every answer at the start ---------------------------------------------------------
b <- h[h$TIME == 0 & !is.na(h$MCS), ]; f <- h[h$TIME == 12, ]
b$lost <- as.integer(is.na(f$MCS[match(b$ID, f$ID)]))
b <- b[!is.na(b$net), ]; b$net <- factor(b$net, c("abstinent", "drug_dominated", "isolated"))
tight <- glm.control(epsilon = 1e-15, maxit = 100); start <- NULL
for (i in 1:3) { m <- glm(lost ~ MCS + net + AGE + factor(GROUP), binomial, b, control = tight, start = start); start <- coef(m) }
X <- model.matrix(m); p <- fitted(m); wt <- p * (1 - p); z <- as.numeric(X %*% coef(m)) + (b$lost - p) / wt
yw <- sqrt(wt) * z; Xw <- sqrt(wt) * X; scaled <- lm(yw ~ 0 + Xw)
terms <- c("intercept", "MCS", "drug_dominated", "isolated", "AGE", "GROUP")
out <- NULL
for (by in c("glm", "scaled")) for (kind in c("CR2", "CR3")) {
  model <- if (by == "glm") m else scaled
  e <- combine(model, vcovCR(model, cluster = b$facility, type = kind), diag(6))
  out <- rbind(out, data.frame(by = by, errors = kind, term = terms, e)) }
save(out, "clustered_lost.csv")
capture.output(sessionInfo(), file = file.path(outputs, "clustered_study_session.txt"))
