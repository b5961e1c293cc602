# What R says: Rscript tests/oracles/oracles.R INPUTS OUTPUTS
# INPUTS from make_inputs.py; OUTPUTS is this folder. Written independently of the Python code.
suppressMessages({library(car); library(emmeans); library(effectsize); library(coin)})
options(digits = 17, contrasts = c("contr.treatment", "contr.poly"))
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
read <- function(f) read.csv(file.path(inputs, f), check.names = FALSE)
save <- function(d, f) { num <- sapply(d, is.numeric)
  d[num] <- lapply(d[num], function(x) ifelse(is.na(x), NA, sprintf("%.15g", x)))
  write.csv(d, file.path(outputs, f), row.names = FALSE, quote = FALSE, na = "") }

# exact interval of the noncentrality, by root finding on pt
ncp <- function(t, df, level = .95) {
  f <- function(p) tryCatch(uniroot(function(x) suppressWarnings(pt(t, df, x)) - p, c(-37, 37),
                                    tol = 1e-12, maxiter = 10000)$root, error = function(e) NA)
  c(f(1 - (1 - level) / 2), f((1 - level) / 2)) }
J <- function(m) exp(lgamma(m / 2) - log(sqrt(m / 2)) - lgamma((m - 1) / 2))

change_row <- function(x, y) {
  n <- length(x); d <- y - x
  if (n < 2) return(NULL)
  t <- t.test(y, x, paired = TRUE)
  s1 <- sd(x); s2 <- sd(y); av <- (s1 + s2) / 2; tt <- unname(t$statistic); l <- ncp(tt, n - 1)
  dz <- mean(d) / sd(d)
  data.frame(n = n, before_mean = mean(x), before_sd = s1, after_mean = mean(y), after_sd = s2,
    estimate = mean(d), sd = sd(d), std_error = sd(d) / sqrt(n), conf_low = t$conf.int[1],
    conf_high = t$conf.int[2], statistic = tt, df = unname(t$parameter), p_value = t$p.value,
    correlation = cor(x, y), d_z = dz, d_z_low = l[1] / sqrt(n), d_z_high = l[2] / sqrt(n),
    d_av = mean(d) / av, d_av_low = l[1] / sqrt(n) * sd(d) / av, d_av_high = l[2] / sqrt(n) * sd(d) / av,
    g_av = J(n - 1) * mean(d) / av, g_av_low = J(n - 1) * l[1] / sqrt(n) * sd(d) / av,
    g_av_high = J(n - 1) * l[2] / sqrt(n) * sd(d) / av) }

changes <- function(w, levels) {
  rows <- list(cbind(group = "all", change_row(w$before, w$after)))
  for (g in levels) { s <- w[!is.na(w$group) & w$group == g, ]
    r <- change_row(s$before, s$after); if (!is.null(r)) rows <- c(rows, list(cbind(group = g, r))) }
  do.call(rbind, rows) }

row <- function(model, term, estimate = NA, std_error = NA, conf_low = NA, conf_high = NA, statistic = NA,
                df_num = NA, df = NA, p_value = NA, partial_eta_squared = NA)
  data.frame(model, term, estimate, std_error, conf_low, conf_high, statistic, df_num, df, p_value,
             partial_eta_squared)
Frow <- function(model, term, F, d1, d2) row(model, term, statistic = F, df_num = d1, df = d2,
  p_value = pf(F, d1, d2, lower.tail = FALSE), partial_eta_squared = F * d1 / (F * d1 + d2))

models <- function(w, levels, ref, covariates = character()) {
  w <- w[!is.na(w$group), ]; w$group <- factor(w$group, levels = c(ref, setdiff(levels, ref)))
  w$group <- droplevels(w$group); out <- list()
  # repeated measures, type III (car) for time counted by group, sequential (aov) for time counted by person
  wide <- w; contrasts(wide$group) <- contr.sum(nlevels(wide$group))
  m <- lm(cbind(before, after) ~ group, wide)
  a <- summary(Anova(m, idata = data.frame(time = factor(1:2)), idesign = ~time, type = 3),
               multivariate = FALSE)$univariate.tests
  for (t in c("time", "group", "group:time")) out <- c(out, list(Frow("rm_glm",
    ifelse(t == "group:time", "time:group", t), a[t, "F value"], a[t, "num Df"], a[t, "den Df"])))
  long <- data.frame(id = factor(rep(seq_len(nrow(w)), 2)), time = factor(rep(1:2, each = nrow(w))),
                     group = rep(w$group, 2), y = c(w$before, w$after))
  s <- summary(aov(y ~ time * group + Error(id / time), long))[["Error: id:time"]][[1]]
  out <- c(out, list(Frow("rm_glm", "time_weighted", s[1, "F value"], s[1, "Df"], s[3, "Df"])))
  w$change <- w$after - w$before
  forms <- list(change_score = change ~ group, ancova = after ~ group + before)
  if (length(covariates)) forms$ancova_covariates <- as.formula(
    paste("after ~ group + before +", paste(covariates, collapse = " + ")))
  for (name in names(forms)) {
    f <- lm(forms[[name]], w); d <- drop1(f, test = "F")
    out <- c(out, list(Frow(name, "group", d["group", "F value"], d["group", "Df"], f$df.residual)))
    co <- summary(f)$coefficients; ci <- confint(f)
    for (k in rownames(co)) out <- c(out, list(row(name,
      if (k == "(Intercept)") "intercept" else if (k == "before") "baseline" else
        sub("^group(.*)$", "group[\\1]", k),
      co[k, 1], co[k, 2], ci[k, 1], ci[k, 2], co[k, 3], NA, f$df.residual, co[k, 4])))
    e <- as.data.frame(emmeans(f, "group", weights = "proportional"))
    for (i in seq_len(nrow(e))) out <- c(out, list(row(name, paste0("adjusted_mean[", e$group[i], "]"),
      e$emmean[i], e$SE[i], e$lower.CL[i], e$upper.CL[i], df = e$df[i])))
  }
  do.call(rbind, out) }

contrasts_of <- function(w, levels, ref) {
  w <- w[!is.na(w$group), ]; w$group <- droplevels(factor(w$group, levels = levels)); w$change <- w$after - w$before
  out <- list()
  for (name in c("change_score", "ancova")) {
    f <- lm(if (name == "ancova") after ~ group + before else change ~ group, w)
    p <- as.data.frame(summary(pairs(emmeans(f, "group"), adjust = "none"), infer = TRUE))
    g <- levels(w$group); ij <- combn(length(g), 2)
    for (k in seq_len(nrow(p))) { a <- g[ij[1, k]]; b <- g[ij[2, k]]; sgn <- 1
      if (a == ref) { tmp <- a; a <- b; b <- tmp; sgn <- -1 }
      lo <- if (sgn == 1) p$lower.CL[k] else -p$upper.CL[k]; hi <- if (sgn == 1) p$upper.CL[k] else -p$lower.CL[k]
      out <- c(out, list(data.frame(model = name, term = paste(a, "-", b), estimate = sgn * p$estimate[k],
        std_error = p$SE[k], conf_low = lo, conf_high = hi, statistic = sgn * p$t.ratio[k], df = p$df[k],
        p_value = p$p.value[k]))) }
  }
  do.call(rbind, out) }

# ---- HELP: four definitions, four outcomes, four intervals --------------------------------------------
h <- read("help.csv")
drug <- h$O1B >= 3 | h$O1C >= 3
classify <- list(
  help = list(iso = h$PSS_FR <= 3 & h$PSS_FA <= 3, miss = is.na(h$PSS_FR) | is.na(h$PSS_FA)),
  help_lived_alone = list(iso = h$A14A == 1, miss = is.na(h$A14A)),
  help_low_friend_support = list(iso = h$PSS_FR <= 3, miss = is.na(h$PSS_FR)),
  help_few_contacts = list(iso = h$O1A <= 2 & h$O1B <= 2 & h$O1C <= 2 & h$O1D <= 2,
                           miss = is.na(h$O1A) | is.na(h$O1D)))
for (d in names(classify)) { k <- classify[[d]]
  h[[d]] <- ifelse(k$miss | is.na(h$O1B) | is.na(h$O1C), NA,
                   ifelse(k$iso, "isolated", ifelse(drug, "drug_dominated", "abstinent"))) }
levels4 <- c("maintained_abstinent", "gained_abstinent", "drug_dominated", "isolated")
pair <- function(outcome, def, month) {
  b <- h[h$TIME == 0, ]; f <- h[h$TIME == month, ]; m <- match(b$ID, f$ID)
  w <- data.frame(ID = b$ID, before = b[[outcome]], after = f[[outcome]][m], n0 = b[[def]], n1 = f[[def]][m],
                  AGE = b$AGE, A1 = b$A1)
  w <- w[!is.na(w$before) & !is.na(w$after), ]
  w$group <- ifelse(is.na(w$n0) | is.na(w$n1), NA, ifelse(w$n1 != "abstinent", w$n1,
                    ifelse(w$n0 == "abstinent", "maintained_abstinent", "gained_abstinent")))
  w }
ch <- mo <- co <- list()
outs <- c(mental = "MCS", physical = "PCS", social_functioning = "SF", depressive_symptoms = "CES_D")
for (def in names(classify)) for (o in names(outs)) for (month in c(6, 12, 18, 24)) {
  w <- pair(outs[[o]], def, month); key <- data.frame(definition = def, outcome = o, to_wave = paste0("month", month))
  ch <- c(ch, list(cbind(key, changes(w, levels4))))
  if (def == "help") { mo <- c(mo, list(cbind(key, models(w, levels4, "drug_dominated", c("AGE", "A1")))))
    co <- c(co, list(cbind(key, contrasts_of(w, levels4, "drug_dominated")))) } }
save(do.call(rbind, ch), "help_change.csv"); save(do.call(rbind, mo), "help_models.csv")
save(do.call(rbind, co), "help_contrasts.csv")

tr <- list()
for (month in c(6, 12, 18, 24)) {
  b <- h[h$TIME == 0, ]; f <- h[h$TIME == month, ]; m <- match(b$ID, f$ID); cats <- c("abstinent", "drug_dominated", "isolated")
  x <- factor(b$help, cats); y <- factor(f$help[m], cats); t <- table(x, y)
  sm <- mh_test(as.table(t)); W <- as.numeric(statistic(sm)); n <- sum(t)
  bh <- W / (1 - W / n)
  cells <- as.data.frame(t); names(cells) <- c("from_category", "to_category", "n")
  tr <- c(tr, list(data.frame(to_wave = paste0("month", month), cells, stuart_maxwell = W, bhapkar = bh,
    df = 2, p_stuart_maxwell = pchisq(W, 2, lower.tail = FALSE), p_bhapkar = pchisq(bh, 2, lower.tail = FALSE)))) }
save(do.call(rbind, tr), "help_transitions.csv")

# ---- teaching data: three arms; wide with drop-out, dots in names, lower is better ---------------------
a <- read("anorexia.csv"); w <- data.frame(before = a$Prewt, after = a$Postwt, group = a$Treat)
lv <- sort(unique(w$group))
b <- read("btheb.csv")
sets <- list(anorexia = list(w, lv))
for (m in c("2m", "4m", "6m", "8m")) { x <- data.frame(before = b$bdi.pre, after = b[[paste0("bdi.", m)]], group = b$treatment)
  sets[[paste0("btheb_", m)]] <- list(x[!is.na(x$before) & !is.na(x$after), ], sort(unique(b$treatment))) }
ch <- mo <- co <- list()
for (s in names(sets)) { w <- sets[[s]][[1]]; lv <- sets[[s]][[2]]; key <- data.frame(data = s)
  ch <- c(ch, list(cbind(key, changes(w, lv)))); mo <- c(mo, list(cbind(key, models(w, lv, lv[1]))))
  co <- c(co, list(cbind(key, contrasts_of(w, lv, lv[1])))) }
save(do.call(rbind, ch), "teaching_change.csv"); save(do.call(rbind, mo), "teaching_models.csv")
save(do.call(rbind, co), "teaching_contrasts.csv")

# ---- single functions ---------------------------------------------------------------------------------
g <- expand.grid(t = c(-6, -1.5, 0, .3, 2.2, 7.4166, 14), df = c(1, 3, 10, 66, 400))
g$low <- mapply(function(t, df) ncp(t, df)[1], g$t, g$df); g$high <- mapply(function(t, df) ncp(t, df)[2], g$t, g$df)
g$p <- 2 * pt(-abs(g$t), g$df); g$quantile <- qt(.975, g$df); g$j <- ifelse(g$df > 1, J(g$df), NA)
save(g, "distributions.csv")
writeLines(grep("^(BLAS|LAPACK|Matrix)", capture.output(sessionInfo()), invert = TRUE, value = TRUE),
           file.path(outputs, "session.txt"))
