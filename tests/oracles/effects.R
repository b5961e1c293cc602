# Effect sizes by R: Rscript tests/oracles/effects.R INPUTS OUTPUTS
# INPUTS from make_inputs.py (help.csv); all else are data sets of R. Written independently of the Python code.
suppressMessages({library(metafor); library(effectsize); library(boot); library(MASS)})
options(digits = 17)
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
save <- function(d, f) { num <- sapply(d, is.numeric)
  d[num] <- lapply(d[num], function(x) ifelse(is.na(x), NA, sprintf("%.15g", x)))
  write.csv(d, file.path(outputs, f), row.names = FALSE, quote = FALSE, na = "") }
J <- function(m) exp(lgamma(m / 2) - log(sqrt(m / 2)) - lgamma((m - 1) / 2))
ncp <- function(t, df, level = .95) {
  f <- function(p) uniroot(function(x) suppressWarnings(pt(t, df, x)) - p, c(-37, 37), tol = 1e-13, maxiter = 10000)$root
  c(f(1 - (1 - level) / 2), f((1 - level) / 2)) }

help <- read.csv(file.path(inputs, "help.csv"))
wide <- merge(help[help$TIME == 0, c("ID", "MCS", "GROUP")], help[help$TIME == 12, c("ID", "MCS")], by = "ID")
wide <- wide[complete.cases(wide), ]
pairs <- list(help_mcs = list(wide$MCS.x, wide$MCS.y),
  sleep = list(sleep$extra[sleep$group == 1], sleep$extra[sleep$group == 2]))
for (g in levels(anorexia$Treat)) pairs[[paste0("anorexia_", g)]] <-
  with(anorexia[anorexia$Treat == g, ], list(Prewt, Postwt))
summaries <- data.frame(dataset = paste0("printed_", 1:6), mean = c(2, -1.3, .4, 6, 0, 1.5),
  sd = c(4, 2.2, 1.1, 5, 3, 2), sd_before = c(5, 2.5, 2, 9, 2.5, 2), sd_after = c(3, 1.9, 2.1, 8, 2, 1.5),
  n = c(25, 12, 3, 120, 40, 8))
for (i in names(pairs)) { x <- pairs[[i]][[1]]; y <- pairs[[i]][[2]]
  summaries <- rbind(summaries, data.frame(dataset = i, mean = mean(y - x), sd = sd(y - x), sd_before = sd(x),
    sd_after = sd(y), n = length(x))) }

paired <- do.call(rbind, lapply(seq_len(nrow(summaries)), function(i) { s <- summaries[i, ]
  r <- with(s, (sd_before^2 + sd_after^2 - sd^2) / (2 * sd_before * sd_after))
  if (s$dataset %in% names(pairs)) r <- cor(pairs[[s$dataset]][[1]], pairs[[s$dataset]][[2]])
  n <- s$n; d_z <- s$mean / s$sd; l <- ncp(d_z * sqrt(n), n - 1) / sqrt(n); cm <- metafor:::.cmicalc(n - 1)
  av <- (s$sd_before + s$sd_after) / 2; to_av <- s$sd / av; to_rm <- sqrt(2 * (1 - r))
  es <- function(measure) suppressWarnings(escalc(measure = measure, m1i = s$mean, m2i = 0, sd1i = s$sd_before,
    sd2i = s$sd_after, ri = r, ni = n))
  d_b <- as.numeric(es("SMCRH")$yi) / cm
  # metafor 3.8 puts g for d in Bonett's variance: g^2 goes out, d^2 comes in
  v <- es("SMCRH")$vi / cm^2 - as.numeric(es("SMCRH")$yi)^2 / (2 * (n - 1)) + d_b^2 / (2 * (n - 1))
  z <- qnorm(.975) * sqrt(v)
  # d_rm by the delta method on the covariance matrix: Wishart covariances of two variances and a covariance
  v1 <- s$sd_before^2; v2 <- s$sd_after^2; k <- r * sqrt(v1 * v2); vd <- v1 + v2 - 2 * k; w <- 1 / (2 * (1 - r))
  g <- c(.5 / vd - w * r / (2 * v1), .5 / vd - w * r / (2 * v2), -1 / vd + w / sqrt(v1 * v2))
  S <- matrix(c(2 * v1^2, 2 * k^2, 2 * v1 * k, 2 * k^2, 2 * v2^2, 2 * v2 * k, 2 * v1 * k, 2 * v2 * k, v1 * v2 + k^2), 3)
  d_rm <- d_z * to_rm; v_rm <- (2 * (1 - r) + d_rm^2 * drop(t(g) %*% S %*% g)) / (n - 1); z_rm <- qnorm(.975) * sqrt(v_rm)
  d <- list(d_z = d_z, d_z_low = l[1], d_z_high = l[2], d_av = d_z * to_av, d_av_low = l[1] * to_av,
    d_av_high = l[2] * to_av, d_rm = d_rm, d_rm_low = d_rm - z_rm, d_rm_high = d_rm + z_rm,
    d_b = d_b, d_b_low = d_b - z, d_b_high = d_b + z)
  g <- lapply(d, function(x) x * cm); names(g) <- sub("^d", "g", names(d))
  data.frame(s, correlation = r, d, g, d_rm_std_error = sqrt(v_rm), d_b_std_error = sqrt(v),
    correction = J(n - 1),
    smcc = as.numeric(es("SMCC")$yi), smcr = as.numeric(es("SMCR")$yi)) }))
own <- function(i) { h <- effectsize::hedges_g(pairs[[i]][[2]], pairs[[i]][[1]], paired = TRUE)
  data.frame(dataset = i, es_g = h$Hedges_g, es_g_low = h$CI_low, es_g_high = h$CI_high) }
save(merge(paired, do.call(rbind, lapply(names(pairs), own)), all.x = TRUE), "effects_paired.csv")

# between groups: change, and Morris (2008) with its five studies as the metafor pages have them
arms <- list(anorexia_CBT_Cont = c("anorexia_CBT", "anorexia_Cont"), anorexia_FT_Cont = c("anorexia_FT", "anorexia_Cont"),
  help_clinic = c("help_1", "help_0"))
for (g in 0:1) pairs[[paste0("help_", g)]] <- with(wide[wide$GROUP == g, ], list(MCS.x, MCS.y))
change_row <- function(name, m1, s1, n1, m2, s2, n2, es = c(NA, NA)) {
  e <- escalc(measure = "SMD", m1i = m1, sd1i = s1, n1i = n1, m2i = m2, sd2i = s2, n2i = n2)
  md <- escalc(measure = "MD", m1i = m1, sd1i = s1, n1i = n1, m2i = m2, sd2i = s2, n2i = n2)
  cm <- J(n1 + n2 - 2); d <- as.numeric(e$yi) / cm; root <- sqrt(n1 * n2 / (n1 + n2)); l <- ncp(d * root, n1 + n2 - 2) / root
  data.frame(dataset = name, first_mean = m1, first_sd = s1, n_first = n1, second_mean = m2, second_sd = s2,
    n_second = n2, estimate = as.numeric(md$yi), sd_pooled = as.numeric(md$yi) / d, d_change = d, d_change_low = l[1],
    d_change_high = l[2], g_change = as.numeric(e$yi), g_change_low = cm * l[1], g_change_high = cm * l[2],
    g_change_std_error = sqrt(e$vi), correction = cm, es_g_low = es[1], es_g_high = es[2]) }
changes <- do.call(rbind, lapply(names(arms), function(a) { d <- lapply(arms[[a]], function(g) pairs[[g]][[2]] - pairs[[g]][[1]])
  h <- effectsize::hedges_g(d[[1]], d[[2]])
  change_row(a, mean(d[[1]]), sd(d[[1]]), length(d[[1]]), mean(d[[2]]), sd(d[[2]]), length(d[[2]]), c(h$CI_low, h$CI_high)) }))
changes <- rbind(changes, change_row("printed_1", 6, 4, 20, 4, 4, 20), change_row("printed_2", 3, 2, 2, 1, 2.5, 3),
  change_row("printed_3", -2.1, 3.3, 67, 1.4, 5.2, 31))
save(changes, "effects_change.csv")

ppc2 <- function(name, n1, b1, s1, a1, n2, b2, s2, a2, r, sa1 = NA, sc1 = NA, sa2 = NA, sc2 = NA) { df <- n1 + n2 - 2
  estimate <- (a1 - b1) - (a2 - b2); pooled <- sqrt(((n1 - 1) * s1^2 + (n2 - 1) * s2^2) / df)
  d <- J(df) * estimate / pooled; k <- 1 / n1 + 1 / n2
  v <- 2 * J(df)^2 * (1 - r) * k * df / (df - 2) * (1 + d^2 / (2 * (1 - r) * k)) - d^2   # equation 25
  data.frame(dataset = name, n_first = n1, first_before = b1, first_sd = s1, first_after = a1, first_after_sd = sa1,
    first_change_sd = sc1, n_second = n2, second_before = b2, second_sd = s2, second_after = a2, second_after_sd = sa2,
    second_change_sd = sc2, correlation = r, estimate, sd_pooled = pooled, d_ppc2 = d,
    d_ppc2_low = d - qnorm(.975) * sqrt(v), d_ppc2_high = d + qnorm(.975) * sqrt(v), d_ppc2_std_error = sqrt(v), correction = J(df)) }
T <- data.frame(b = c(30.6, 23.5, .5, 53.4, 35.6), a = c(38.5, 26.8, .7, 75.9, 36), s = c(15, 3.1, .1, 14.5, 4.7),
  n = c(20, 50, 9, 10, 14), r = c(.47, .64, .77, .89, .44))
C <- data.frame(b = c(23.1, 24.9, .6, 55.7, 34.8), a = c(19.7, 25.3, .6, 60.7, 33.4), s = c(13.8, 4.1, .2, 17.3, 3.1),
  n = c(20, 42, 9, 11, 14))
morris <- do.call(rbind, lapply(1:5, function(i) ppc2(paste0("morris_", i), T$n[i], T$b[i], T$s[i], T$a[i],
  C$n[i], C$b[i], C$s[i], C$a[i], T$r[i])))
raw <- do.call(rbind, lapply(names(arms), function(a) { p <- pairs[arms[[a]]]
  # the correlation within the groups, from residuals about the means of the groups
  g <- rep(1:2, sapply(p, function(x) length(x[[1]]))); x <- unlist(lapply(p, `[[`, 1)); y <- unlist(lapply(p, `[[`, 2))
  r <- cor(resid(lm(x ~ factor(g))), resid(lm(y ~ factor(g))))
  f <- function(k) { x <- p[[k]][[1]]; y <- p[[k]][[2]]; list(length(x), mean(x), sd(x), mean(y), sd(y), sd(y - x)) }
  u <- f(1); v <- f(2)
  ppc2(a, u[[1]], u[[2]], u[[3]], u[[4]], v[[1]], v[[2]], v[[3]], v[[4]], r, u[[5]], u[[6]], v[[5]], v[[6]]) }))
save(rbind(morris, raw), "effects_ppc2.csv")

# bootstrap: R draws, and boot makes the interval from its own quantiles; the influence values are those of
# the jackknife over n, so that boot's acceleration is the one for independent samples
set.seed(20261123)
one <- pairs$anorexia_FT; two <- pairs$anorexia_Cont; R <- 999; n1 <- length(one[[1]]); n2 <- length(two[[1]])
index <- cbind(matrix(sample(n1, R * n1, TRUE), R), matrix(sample(n2, R * n2, TRUE), R))
write.table(index - 1, file.path(outputs, "effects_bootstrap_indices.csv"), sep = ",", row.names = FALSE, col.names = FALSE)
single <- list(mean = function(x, y) mean(y - x), d_z = function(x, y) mean(y - x) / sd(y - x),
  d_av = function(x, y) mean(y - x) / ((sd(x) + sd(y)) / 2),
  d_rm = function(x, y) mean(y - x) / sd(y - x) * sqrt(2 * (1 - cor(x, y))),
  d_b = function(x, y) mean(y - x) / sd(x), correlation = function(x, y) cor(x, y))
sp <- function(a, b) sqrt(((length(a) - 1) * var(a) + (length(b) - 1) * var(b)) / (length(a) + length(b) - 2))
double <- list(difference = function(x, y, u, v) mean(y - x) - mean(v - u),
  d_change = function(x, y, u, v) (mean(y - x) - mean(v - u)) / sp(y - x, v - u))
bca <- function(name, t0, t, L, conf) { q <- boot:::bca.ci(NULL, conf, t0 = t0, t = t, L = L)
  data.frame(statistic = name, level = conf, estimate = t0, std_error = sd(t), bias = qnorm(mean(t < t0)),
    acceleration = sum(L^3) / (6 * sum(L^2)^1.5), conf_low = q[4], conf_high = q[5]) }
u <- function(v) (length(v) - 1) * (mean(v) - v) / length(v)
rows <- list()
for (level in c(.8, .95)) {
  for (s in names(single)) { f <- single[[s]]
    t <- sapply(1:R, function(i) f(one[[1]][index[i, 1:n1]], one[[2]][index[i, 1:n1]]))
    rows <- c(rows, list(bca(s, f(one[[1]], one[[2]]), t, u(sapply(1:n1, function(i) f(one[[1]][-i], one[[2]][-i]))), level))) }
  for (s in names(double)) { f <- double[[s]]
    t <- sapply(1:R, function(i) { a <- index[i, 1:n1]; b <- index[i, n1 + 1:n2]
      f(one[[1]][a], one[[2]][a], two[[1]][b], two[[2]][b]) })
    L <- c(u(sapply(1:n1, function(i) f(one[[1]][-i], one[[2]][-i], two[[1]], two[[2]]))),
           u(sapply(1:n2, function(i) f(one[[1]], one[[2]], two[[1]][-i], two[[2]][-i]))))
    rows <- c(rows, list(bca(s, f(one[[1]], one[[2]], two[[1]], two[[2]]), t, L, level))) } }
save(do.call(rbind, rows), "effects_bootstrap.csv")

# what printed summaries say
p <- list()
add <- function(what, a, b, n, value) p[[length(p) + 1]] <<- data.frame(what, a, b, n, value)
for (n in c(2, 12, 215)) { add("std_error", .7, NA, n, .7 * sqrt(n)); add("interval", -1.2, 3.4, n, 4.6 * sqrt(n) / 2 / qt(.975, n - 1))
  add("interval90", -1.2, 3.4, n, 4.6 * sqrt(n) / 2 / qt(.95, n - 1)); add("t", -1.7, 2.3, n, 1.7 * sqrt(n) / 2.3)
  add("f", -1.7, 5.29, n, 1.7 * sqrt(n / 5.29))
  for (q in c(.5, .031, 1e-12)) add("p", -1.7, q, n, 1.7 * sqrt(n) / qt(q / 2, n - 1, lower.tail = FALSE)) }
# the SDs of real changes come back from their own test
for (i in c("help_mcs", "sleep")) { x <- pairs[[i]][[1]]; y <- pairs[[i]][[2]]; h <- t.test(y, x, paired = TRUE); n <- length(x)
  add("t", mean(y - x), unname(h$statistic), n, sd(y - x)); add("p", mean(y - x), h$p.value, n, sd(y - x))
  add("interval", h$conf.int[1], h$conf.int[2], n, sd(y - x)) }
for (n in c(2, 5, 9, 101, 400)) add("wan", 7, 13, n, 6 / (2 * qnorm((.75 * n - .125) / (n + .25))))
save(do.call(rbind, p), "effects_conversions.csv")

# shares and their differences
wilson <- function(x, n, level) suppressWarnings(prop.test(x, n, correct = FALSE, conf.level = level)$conf.int)
shares <- rbind(c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 0, 29), c(0, 10, 0, 20), c(0, 10, 0, 10), c(10, 10, 0, 20),
  c(1, 1, 0, 2), c(31, 120, 55, 131))
rates <- do.call(rbind, lapply(c(.9, .95), function(level) do.call(rbind, lapply(seq_len(nrow(shares)), function(i) { s <- shares[i, ]
  a <- wilson(s[1], s[2], level); b <- wilson(s[3], s[4], level); x <- s[1] / s[2]; y <- s[3] / s[4]
  data.frame(x1 = s[1], n1 = s[2], x2 = s[3], n2 = s[4], level, low1 = a[1], high1 = a[2], low2 = b[1], high2 = b[2], estimate = x - y,
    conf_low = x - y - sqrt((x - a[1])^2 + (b[2] - y)^2), conf_high = x - y + sqrt((a[2] - x)^2 + (y - b[1])^2)) }))))
save(rates, "effects_rates.csv")
reliable <- do.call(rbind, lapply(c("help_mcs", "anorexia_FT", "sleep"), function(i) { x <- pairs[[i]][[1]]; y <- pairs[[i]][[2]]
  do.call(rbind, lapply(1:2, function(form) {
    error <- if (form == 1) sqrt(2 * (sd(x) * sqrt(1 - .84))^2) else sqrt(var(x) * (1 - .84) + var(y) * (1 - .9))
    rci <- (y - x) / error
    data.frame(dataset = i, form, n = length(x), std_error = error, improved = sum(rci > 1.96), deteriorated = sum(rci < -1.96),
      index_sum = sum(rci), index_squares = sum(rci^2), responders = sum(y - x >= 5)) })) }))
save(reliable, "effects_reliable.csv")
writeLines(capture.output(sessionInfo()), file.path(outputs, "effects_session.txt"))
