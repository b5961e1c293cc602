# What R says about comparisons of groups: Rscript tests/oracles/group_comparisons.R INPUTS OUTPUTS
# INPUTS from make_inputs.py (help.csv, anorexia.csv); OUTPUTS is this folder. Written without a look at the
# Python code. PlantGrowth and InsectSprays are R's own; `unequal` is made here, and written beside the rest.
suppressMessages({library(car); library(emmeans); library(nlme)})
options(digits = 17, contrasts = c("contr.treatment", "contr.poly"))
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
save <- function(d, f) { num <- sapply(d, is.numeric)
  d[num] <- lapply(d[num], function(x) ifelse(is.na(x), NA, sprintf("%.15g", x)))
  write.csv(d, file.path(outputs, paste0("group_comparisons_", f, ".csv")), row.names = FALSE, quote = FALSE, na = "") }

# ---- the studentised range ----------------------------------------------------------------------------
g <- expand.grid(q = c(.05, .5, 1, 2, 3, 3.7, 5, 8, 15, 50), k = c(2, 3, 4, 5, 7, 10),
                 df = c(2, 3, 5, 7, 10, 27, 100, 1000, Inf))
g$cdf <- ptukey(g$q, g$k, g$df)
# Below about 10 degrees of freedom ptukey is wrong in the tail: for two means the exact value is 1 - 2 pt(-q / sqrt 2),
# and at df = 2, q = 50 ptukey misses it by 7e-4. With infinite df it is right, and is integrated here over log s.
prange <- function(q, k, df) { if (is.infinite(df)) return(ptukey(q, k, Inf))
  f <- function(u) exp(df * u - df * exp(2 * u) / 2 + log(2) + df / 2 * log(df / 2) - lgamma(df / 2)) * ptukey(q * exp(u), k, Inf, lower.tail = FALSE)
  ends <- c(-36 / df - 3, -4, -2, -1, -.5, -.2, -.1, 0, .1, .2, .5, 1, 2)
  ends <- ends[ends >= -36 / df - 3]
  1 - sum(mapply(function(a, b) integrate(f, a, b, rel.tol = 1e-11, abs.tol = 1e-14)$value, head(ends, -1), tail(ends, -1))) }
g$integrated <- mapply(prange, g$q, g$k, g$df)
two <- g$k == 2; stopifnot(abs(g$integrated - (1 - 2 * pt(-g$q / sqrt(2), g$df)))[two] < 1e-10)
save(g, "range")
# qtukey stops at steps of 1e-4: the root of the integrated distribution is found instead.
h <- expand.grid(p = c(.1, .5, .8, .9, .95, .99, .999), k = c(2, 3, 4, 5, 7, 10), df = c(2, 3, 5, 10, 27, 100, 1000, Inf))
h$qtukey <- qtukey(h$p, h$k, h$df)
root <- function(p, k, df) { q <- qtukey(p, k, df)
  uniroot(function(x) prange(x, k, df) - p, c(.99, 1.01) * q, tol = 1e-12, extendInt = "upX")$root }
h$root <- mapply(root, h$p, h$k, h$df)
save(h, "range_quantiles")

# ---- the data -----------------------------------------------------------------------------------------
a <- read.csv(file.path(inputs, "anorexia.csv")); hf <- read.csv(file.path(inputs, "help.csv"))
hf$net <- ifelse(is.na(hf$PSS_FR) | is.na(hf$PSS_FA) | is.na(hf$O1B) | is.na(hf$O1C), NA,
          ifelse(hf$PSS_FR <= 3 & hf$PSS_FA <= 3, "isolated", ifelse(hf$O1B >= 3 | hf$O1C >= 3, "drug_dominated", "abstinent")))
four <- c("maintained_abstinent", "gained_abstinent", "drug_dominated", "isolated")
help <- function(outcome, month) { b <- hf[hf$TIME == 0, ]; f <- hf[hf$TIME == month, ]; m <- match(b$ID, f$ID)
  w <- data.frame(before = b[[outcome]], after = f[[outcome]][m], n0 = b$net, n1 = f$net[m])
  w <- w[complete.cases(w), ]
  w$group <- factor(ifelse(w$n1 != "abstinent", w$n1, ifelse(w$n0 == "abstinent", four[1], four[2])), four)
  w[c("before", "after", "group")] }
set.seed(20261); sizes <- c(3, 5, 9, 14, 31); grp <- rep(seq_along(sizes), sizes)
before <- round(rnorm(62, 50, 10), 1)
unequal <- data.frame(before, after = round(.4 * (before - 50) + c(50, 52, 55, 58, 51)[grp] + rnorm(62, 0, c(1, 4, 8, 12, 6)[grp]), 1),
  group = letters[grp], facility = sample(4, 62, TRUE), status = sample(3, 62, TRUE))
save(unequal, "unequal"); unequal <- read.csv(file.path(outputs, "group_comparisons_unequal.csv")); unequal$group <- factor(unequal$group)
sets <- list(
  PlantGrowth = data.frame(y = PlantGrowth$weight, group = PlantGrowth$group),
  InsectSprays = data.frame(y = InsectSprays$count, group = InsectSprays$spray),
  anorexia = data.frame(y = a$Postwt - a$Prewt, before = a$Prewt, after = a$Postwt, group = factor(a$Treat)),
  unequal = cbind(y = unequal$after - unequal$before, unequal[c("before", "after", "group")]))
for (m in c(6, 12)) for (o in c("MCS", "CES_D")) { w <- help(o, m); sets[[paste0("help_", o, m)]] <- cbind(y = w$after - w$before, w) }
both <- function(f) do.call(rbind, lapply(names(sets), function(n) { r <- f(sets[[n]]); if (is.null(r)) NULL else cbind(data = n, r) }))

# ---- one-way, pairs -----------------------------------------------------------------------------------
save(both(function(w) { t <- oneway.test(y ~ group, w)
  data.frame(statistic = t$statistic, df_num = t$parameter[1], df = t$parameter[2], p_value = t$p.value) }), "oneway")
save(both(function(w) { l <- levels(w$group); k <- length(l); ij <- combn(k, 2); out <- list()
  w$group <- factor(w$group, rev(l))   # TukeyHSD shows the later level minus the earlier
  fit <- aov(y ~ group, w); tk <- TukeyHSD(fit)$group; em <- as.data.frame(pairs(emmeans(fit, "group"), adjust = "none"))
  for (c in seq_len(ncol(ij))) { A <- l[ij[1, c]]; B <- l[ij[2, c]]; x <- w$y[w$group == A]; y <- w$y[w$group == B]
    t <- t.test(x, y); df <- unname(t$parameter); se <- t$stderr; s <- unname(t$statistic)
    out <- c(out, list(data.frame(test = "welch", first = A, second = B, estimate = mean(x) - mean(y), std_error = se, df,
      statistic = s, p_value = t$p.value, conf_low = t$conf.int[1], conf_high = t$conf.int[2])))
    q <- root(.95, k, df) * se / sqrt(2)
    out <- c(out, list(data.frame(test = "games_howell", first = A, second = B, estimate = mean(x) - mean(y), std_error = se, df,
      statistic = s, p_value = 1 - prange(sqrt(2) * abs(s), k, df), conf_low = mean(x) - mean(y) - q,
      conf_high = mean(x) - mean(y) + q)))
    v <- sum(residuals(fit)^2) / fit$df.residual; se <- sqrt(v / length(x) + v / length(y)); r <- tk[paste0(A, "-", B), ]
    stopifnot(all.equal(se, em$SE[em$contrast %in% c(paste(B, "-", A), paste(A, "-", B), paste0("(", B, ") - (", A, ")"))], tolerance = 1e-10))
    q <- root(.95, k, fit$df.residual) * se / sqrt(2)
    stopifnot(abs(r["diff"] - q - r["lwr"]) < 1e-3 * abs(q))
    out <- c(out, list(data.frame(test = "tukey", first = A, second = B, estimate = r["diff"], std_error = se,
      df = fit$df.residual, statistic = r["diff"] / se, p_value = r["p adj"], conf_low = r["diff"] - q,
      conf_high = r["diff"] + q))) }
  d <- do.call(rbind, out); d$holm <- d$bonferroni <- NA; i <- d$test == "welch"
  d$holm[i] <- p.adjust(d$p_value[i], "holm"); d$bonferroni[i] <- p.adjust(d$p_value[i], "bonferroni"); d }), "pairs")
p <- c(.01, .04, NA, .03, .2, .012, .5, .0004)
save(data.frame(p, holm = p.adjust(p, "holm"), bonferroni = p.adjust(p, "bonferroni"), none = p.adjust(p, "none")), "p_adjust")

# ---- planned contrasts --------------------------------------------------------------------------------
weights_for <- function(w) if ("isolated" %in% levels(w$group))
  list(gained_against_drug_dominated = c(0, 1, -1, 0), abstinent_against_rest = c(.5, .5, -.5, -.5),
       isolated_against_rest = c(-1, -1, -1, 3) / 3) else { k <- nlevels(w$group)
  list(first_against_rest = c(1, rep(-1 / (k - 1), k - 1)), linear = seq_len(k) - (k + 1) / 2) }
em_rows <- function(method, e, ws) { s <- as.data.frame(summary(contrast(e, ws, adjust = "none"), infer = TRUE))
  h <- as.data.frame(summary(contrast(e, ws, adjust = "holm")))
  data.frame(method, contrast = s$contrast, estimate = s$estimate, std_error = s$SE, df = s$df, statistic = s$t.ratio,
             p_value = s$p.value, conf_low = s$lower.CL, conf_high = s$upper.CL, holm = h$p.value) }
save(both(function(w) { ws <- weights_for(w); out <- list(em_rows("pooled", emmeans(lm(y ~ group, w), "group"), ws))
  if (!is.null(w$before)) out <- c(out, list(em_rows("ancova", emmeans(lm(after ~ group + before, w), "group"), ws)))
  n <- tapply(w$y, w$group, length); m <- tapply(w$y, w$group, mean); v <- tapply(w$y, w$group, var)
  wl <- do.call(rbind, lapply(names(ws), function(c) { x <- ws[[c]]; e <- sum(x * m); u <- x^2 * v / n; se <- sqrt(sum(u))
    df <- sum(u)^2 / sum(u^2 / (n - 1)); data.frame(method = "welch", contrast = c, estimate = e, std_error = se, df,
      statistic = e / se, p_value = 2 * pt(-abs(e / se), df), conf_low = e - qt(.975, df) * se, conf_high = e + qt(.975, df) * se) }))
  wl$holm <- p.adjust(wl$p_value, "holm")
  for (c in names(ws)) if (setequal(ws[[c]], c(-1, 0, 1))) { l <- levels(w$group)   # two groups: Welch's t
    z <- t.test(w$y[w$group == l[ws[[c]] == 1]], w$y[w$group == l[ws[[c]] == -1]]); r <- wl[wl$contrast == c, ]
    stopifnot(abs(r$df / z$parameter - 1) < 1e-12, abs(r$p_value / z$p.value - 1) < 1e-10) }
  # a model with a variance for each group gives the same errors; its degrees of freedom, by numerical
  # derivatives of the REML criterion, only come near
  fit <- gls(y ~ group, w, weights = varIdent(form = ~ 1 | group))
  s <- as.data.frame(summary(contrast(emmeans(fit, "group", mode = "satterthwaite", data = w), ws, adjust = "none")))
  cat(sprintf("gls against the formula, relative: SE %.1e, df %.1e\n", max(abs(s$SE / wl$std_error - 1)), max(abs(s$df / wl$df - 1))))
  do.call(rbind, c(out, list(wl))) }), "contrasts")

# ---- equivalence --------------------------------------------------------------------------------------
tost <- function(call, lower, upper, alpha) { lo <- call(mu = lower, alternative = "greater", conf.level = .95)
  hi <- call(mu = upper, alternative = "less", conf.level = .95); ci <- call(mu = 0, alternative = "two.sided", conf.level = 1 - 2 * alpha)
  data.frame(lower, upper, alpha, estimate = ci$estimate[1] - if (length(ci$estimate) > 1) ci$estimate[2] else 0, std_error = ci$stderr,
    df = ci$parameter, statistic_lower = lo$statistic, p_lower = lo$p.value, statistic_upper = hi$statistic, p_upper = hi$p.value,
    conf_low = ci$conf.int[1], conf_high = ci$conf.int[2]) }
save(both(function(w) { if (is.null(w$before)) return(NULL); out <- list(); l <- levels(w$group)
  for (s in list(c(-2, 2, .05), c(-6, 4, .05), c(-1, 15, .01))) { 
    out <- c(out, list(cbind(design = "paired", tost(function(...) t.test(w$after, w$before, paired = TRUE, ...), s[1], s[2], s[3]))))
    x <- w$y[w$group == l[1]]; y <- w$y[w$group == l[length(l)]]
    out <- c(out, list(cbind(design = "welch", tost(function(...) t.test(x, y, ...), s[1], s[2], s[3]))))
    out <- c(out, list(cbind(design = "pooled", tost(function(...) t.test(x, y, var.equal = TRUE, ...), s[1], s[2], s[3])))) }
  do.call(rbind, out) }), "equivalence")

# ---- assumptions --------------------------------------------------------------------------------------
save(both(function(w) { md <- leveneTest(y ~ group, w, center = median); mn <- leveneTest(y ~ group, w, center = mean)
  r <- data.frame(median_f = md[1, 2], median_p = md[1, 3], mean_f = mn[1, 2], mean_p = mn[1, 3], df_num = md[1, 1], df = md[2, 1],
                  slopes_f = NA, slopes_df_num = NA, slopes_df = NA, slopes_p = NA)
  if (!is.null(w$before)) { t <- anova(lm(after ~ group + before, w), lm(after ~ group * before, w))
    r[7:10] <- c(t$F[2], t$Df[2], t$Res.Df[2], t[["Pr(>F)"]][2]) }
  r }), "assumptions")
shape <- function(x) { n <- length(x); m <- function(j) mean((x - mean(x))^j); s <- shapiro.test(x)
  # G1 and G2 of Joanes and Gill with the errors under normality
  data.frame(n, skewness = m(3) / m(2)^1.5 * sqrt(n * (n - 1)) / (n - 2),
    skewness_error = sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3))),
    kurtosis = if (n > 3) (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (m(4) / m(2)^2 - 3) + 6) else NA,
    kurtosis_error = if (n > 3) sqrt(24 * n * (n - 1)^2 / ((n - 3) * (n - 2) * (n + 3) * (n + 5))) else NA,
    shapiro_w = s$statistic, shapiro_p = s$p.value) }
save(both(function(w) do.call(rbind, lapply(levels(w$group), function(l) cbind(group = l, shape(w$y[w$group == l]))))), "shape")
# first n of one skewed sample, for every size at which the approximation changes
set.seed(7); long <- round(rexp(5000)^1.5, 4); save(data.frame(value = long[1:600]), "skewed")
save(do.call(rbind, lapply(c(3:13, 25, 49, 50, 200, 600), function(n) shape(long[1:n]))), "shape_by_n")

# ---- permutation: everything enumerated ---------------------------------------------------------------
perms <- function(n, groups) { if (length(groups) == 1) return(matrix(1, 1, n)); out <- list()
  for (s in asplit(combn(n, groups[1]), 2)) { rest <- perms(n - groups[1], groups[-1])
    m <- matrix(0, nrow(rest), n); m[, s] <- 1; m[, setdiff(seq_len(n), s)] <- rest + 1; out <- c(out, list(m)) }
  do.call(rbind, out) }
flips <- function(d) { s <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(d)))); m <- s %*% d
  sum(abs(m) >= abs(sum(d)) - 1e-9) }
d1 <- with(sets$anorexia, y[group == "FT"])[1:12]; d2 <- sets$help_MCS12$y[sets$help_MCS12$group == "isolated"][1:14]
d3 <- c(2, -1, 0, 3, 1, 1, 0, -2, 4, 2)
perm <- data.frame(what = c("anorexia_ft", "help_isolated", "ties"), statistic = c(mean(d1), mean(d2), mean(d3)),
  hits = c(flips(d1), flips(d2), flips(d3)), total = 2^c(12, 14, 10), df_num = NA, df = NA)
y <- PlantGrowth$weight[c(1:3, 11:13, 21:24)]; gr <- c(1, 1, 1, 2, 2, 2, 3, 3, 3, 3); all <- perms(10, c(3, 3, 4))
bss <- function(l) sum(tapply(y, l, function(v) length(v) * (mean(v) - mean(y))^2)); B <- apply(all, 1, bss)
perm <- rbind(perm, data.frame(what = "f", statistic = anova(lm(y ~ factor(gr)))$F[1], hits = sum(B >= bss(gr) - 1e-9),
                               total = nrow(all), df_num = 2, df = 7))
con <- function(l, w) abs(sum(w * tapply(y, l, mean)))
C <- apply(all, 1, con, c(.5, .5, -1))
perm <- rbind(perm, data.frame(what = "contrast", statistic = sum(c(.5, .5, -1) * tapply(y, gr, mean)),
  hits = sum(C >= con(gr, c(.5, .5, -1)) - 1e-9), total = nrow(all), df_num = NA, df = NA))
# strata: three, of 4 (2 + 2), 5 (1 + 2 + 2) and 4 (2 + 1 + 1) persons, and two persons alone in theirs
s <- rep(1:4, c(4, 5, 4, 2)); z <- c(3.1, 4.9, 7.2, 8.1, 1.0, 4.4, 3.9, 6.3, 9.8, 12.1, 10.4, 15.2, 13.3, 5, 6)
gz <- c(1, 1, 2, 2, 1, 2, 2, 3, 3, 1, 1, 2, 3, 3, 3)
fit <- function(l) { m <- lm(z ~ factor(s) + factor(l)); c(F = anova(m)[2, 4], c13 = unname(coef(m)["factor(l)3"])) }
p1 <- perms(4, c(2, 2)); p2 <- perms(5, c(1, 2, 2)); p3 <- perms(4, c(2, 1, 1))
ix <- expand.grid(seq_len(nrow(p1)), seq_len(nrow(p2)), seq_len(nrow(p3)))
R <- apply(ix, 1, function(i) fit(c(p1[i[1], ], p2[i[2], ], p3[i[3], ], 3, 3))); o <- fit(gz)
perm <- rbind(perm, data.frame(what = c("strata_f", "strata_contrast"), statistic = o, total = ncol(R),
  hits = c(sum(R[1, ] >= o[1] - 1e-7), sum(abs(R[2, ]) >= abs(o[2]) - 1e-9)),
  df_num = c(2, NA), df = c(anova(lm(z ~ factor(s) + factor(gz)))[3, 1], NA)))
perm$p_value <- perm$hits / perm$total
save(perm, "permutation")
st <- interaction(unequal$facility, unequal$status)
an <- anova(lm(after ~ st, unequal), lm(after ~ st + group, unequal))
save(data.frame(statistic = an$F[2], df_num = an$Df[2], df = an$Res.Df[2]), "strata_f")
writeLines(grep("^(BLAS|LAPACK|Matrix)", capture.output(sessionInfo()), invert = TRUE, value = TRUE),
           file.path(outputs, "group_comparisons_session.txt"))
