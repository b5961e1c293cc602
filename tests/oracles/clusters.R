# Cluster-robust inference by clubSandwich, and the wild cluster bootstrap by going through every draw:
#   Rscript tests/oracles/clusters.R INPUTS OUTPUTS
# INPUTS from make_inputs.py (help.csv); OUTPUTS is this folder. The made facilities and the simulated data are
# written beside the results. Written independently of the Python code.
suppressMessages({library(clubSandwich); library(MASS)})
options(digits = 17, contrasts = c("contr.treatment", "contr.poly"))
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
save <- function(d, f) { num <- sapply(d, is.numeric)
  d[num] <- lapply(d[num], function(x) ifelse(is.na(x), NA, sprintf("%.17g", x)))
  write.csv(d, file.path(outputs, f), row.names = FALSE, quote = FALSE, na = "") }

## ---- data ---------------------------------------------------------------------------------------------
set.seed(20170921)
help <- read.csv(file.path(inputs, "help.csv"))
ids <- sort(unique(help$ID))
facility <- sprintf("facility_%02d", sample(21, length(ids), replace = TRUE, prob = (1:21)^1.3))
save(data.frame(ID = ids, facility = facility), "clusters_help_facility.csv")
first <- help[help$TIME == 0, ]; last <- help[help$TIME == 12, ]
both <- merge(first, last, by = "ID", suffixes = c("0", "12"))
both <- both[complete.cases(both[c("MCS0", "MCS12", "PSS_FR0", "AGE0", "A10")]), ]
both$facility <- facility[match(both$ID, ids)]

# two waves in 21 unequal facilities, one of them with a single person; weights within and between facilities
sizes <- c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 17, 19, 22, 26, 31, 40, 60)
n <- sum(sizes); f <- rep(1:21, sizes)
policy <- as.numeric(f %% 3 == 0)
group <- sample(c("maintained", "gained", "drug", "isolated"), n, replace = TRUE, prob = c(.2, .3, .35, .15))
before <- 5 + rnorm(21)[f] + rnorm(n, 0, 2)
after <- before * .5 + 3 + rnorm(21, 0, .8)[f] + .9 * (group == "gained") - .3 * policy + rnorm(n, 0, 1.8)
sim <- data.frame(facility = sprintf("F%02d", f), group, policy, before, after, w = runif(n, .4, 3),
                  wf = runif(21, .5, 2)[f])
sim <- sim[sample(n), ]
sim[c("before", "after", "w", "wf")] <- lapply(sim[c("before", "after", "w", "wf")], round, 6)
save(sim, "clusters_simulated.csv")
sim$group <- factor(sim$group, levels = c("maintained", "gained", "drug", "isolated"))

small_sizes <- c(2, 3, 4, 6, 7, 9, 14); g <- rep(1:7, small_sizes)
small <- data.frame(cluster = g, x = rnorm(length(g)), d = as.numeric(g %% 2 == 0))
small$y <- round(1 + .6 * small$x + .9 * small$d + rnorm(7, 0, .7)[g] + rnorm(length(g)), 6)
small$x <- round(small$x, 6)
save(small, "clusters_small.csv")
looms <- cbind(warpbreaks, loom = rep(1:9, 6))

## ---- clubSandwich -------------------------------------------------------------------------------------
rows <- list(); combos <- list(); tests <- list()
naive <- c("CR1", "CR1S")
coefficients_of <- function(name, m, cluster, kinds = c("CR1", "CR1S", "CR2", "CR3"), only = NULL, ...) {
  for (kind in kinds) {
    test <- if (kind %in% naive) "naive-t" else "Satterthwaite"
    v <- vcovCR(m, cluster = cluster, type = kind, ...)
    a <- as.data.frame(coef_test(m, vcov = v, test = test))
    names(a)[5:6] <- c("df", "p")
    if (is.null(only)) keep <- seq_len(nrow(a)) else keep <- only
    for (level in c(.95, .9)) {
      i <- as.data.frame(conf_int(m, vcov = v, level = level, test = test))
      rows[[length(rows) + 1]] <<- data.frame(data = name, kind, level, column = keep, estimate = a$beta[keep],
        std_error = a$SE[keep], df = a$df[keep], statistic = a$tstat[keep], p_value = a$p[keep],
        conf_low = i$CI_L[keep], conf_high = i$CI_U[keep]) } } }
combinations_of <- function(name, m, cluster, C, kinds = c("CR1", "CR2", "CR3")) {
  for (kind in kinds) {
    test <- if (kind %in% naive) "naive-t" else "Satterthwaite"
    v <- vcovCR(m, cluster = cluster, type = kind)
    i <- as.data.frame(linear_contrast(m, vcov = v, contrasts = C, test = test, p_values = TRUE))
    combos[[length(combos) + 1]] <<- data.frame(data = name, kind, row = seq_len(nrow(C)), estimate = i$Est,
      std_error = i$SE, df = i$df, statistic = i$Est / i$SE, p_value = i$p_val, conf_low = i$CI_L,
      conf_high = i$CI_U) } }
test_of <- function(name, m, cluster, C, kinds = c("CR1", "CR2", "CR3")) {
  for (kind in kinds) {
    v <- vcovCR(m, cluster = cluster, type = kind)
    a <- as.data.frame(Wald_test(m, constraints = C, vcov = v, test = if (kind == "CR1") "Naive-F" else "HTZ"))
    tests[[length(tests) + 1]] <<- data.frame(data = name, kind, statistic = a$Fstat, df_num = a$df_num,
      df = a$df_denom, p_value = a$p_val) } }
unit <- function(p, which) diag(p)[which, , drop = FALSE]

m <- lm(weight ~ Time + Diet, ChickWeight)
coefficients_of("chick", m, ChickWeight$Chick)
means <- cbind(1, 10, rbind(0, diag(3)))
combinations_of("chick", m, ChickWeight$Chick, rbind(means, c(0, 0, -1, 1, 0), c(0, 0, 0, -1, 1)))
test_of("chick_diet", m, ChickWeight$Chick, unit(5, 3:5))
test_of("chick_pair", m, ChickWeight$Chick, rbind(c(0, 1, 0, 0, 0), c(0, 0, -1, 1, 0)))

m <- lm(lang ~ IQ + SES + COMB, nlschools)
coefficients_of("schools", m, nlschools$class)
test_of("schools_all", m, nlschools$class, unit(4, 2:4))

m <- lm(breaks ~ wool * tension, looms)
coefficients_of("looms", m, looms$loom)
test_of("looms_interaction", m, looms$loom, unit(6, 5:6))

m <- lm(MCS12 ~ MCS0 + PSS_FR0 + AGE0 + A10, both)
coefficients_of("help", m, both$facility)
combinations_of("help", m, both$facility, rbind(c(1, 30, 7, 35, 1), c(0, 1, 1, 0, 0)))
test_of("help_covariates", m, both$facility, unit(5, 3:5))

change <- lm(I(after - before) ~ group + policy + before, sim)
coefficients_of("facilities", change, sim$facility)
means <- cbind(1, rbind(0, diag(3)), mean(sim$policy), mean(sim$before))
combinations_of("facilities", change, sim$facility, rbind(means, c(0, 1, -1, 0, 0, 0)))
test_of("facilities_group", change, sim$facility, unit(6, 2:4))
test_of("facilities_policy", change, sim$facility, unit(6, 5))
test_of("facilities_five", change, sim$facility, unit(6, 2:6))

# facilities as fixed effects: I - H_gg is singular, but not in the direction of these coefficients
m <- lm(I(after - before) ~ 0 + factor(facility) + group + before, sim)
coefficients_of("fixed", m, sim$facility, kinds = "CR2", only = 22:25)

# weights: on the weighted scale; and in the ways in which clubSandwich takes weights itself
X <- model.matrix(change); y <- sim$after - sim$before; s <- sqrt(sim$w)
coefficients_of("weighted", lm(I(s * y) ~ 0 + I(s * X)), sim$facility)
coefficients_of("weighted_call", lm(y ~ 0 + X, weights = sim$w), sim$facility, "CR3", inverse_var = TRUE)
coefficients_of("weighted_facilities", lm(y ~ 0 + X, weights = sim$wf), sim$facility, c("CR2", "CR3"),
                inverse_var = TRUE)

m_small <- lm(y ~ x + d, small)
coefficients_of("small", m_small, small$cluster)
test_of("small_two", m_small, small$cluster, unit(3, 2:3))
# as many clusters as coefficients
three <- small[small$cluster > 4, ]
coefficients_of("three", lm(y ~ x + I(x^2), three), three$cluster)
save(do.call(rbind, rows), "clusters_coefficients.csv")
save(do.call(rbind, combos), "clusters_combinations.csv")
save(do.call(rbind, tests), "clusters_tests.csv")

## ---- wild cluster bootstrap, every draw refitted ---------------------------------------------------------
wild <- list()
signs <- c(-1, 1); webb <- c(-sqrt(1.5), -1, -sqrt(.5), sqrt(.5), 1, sqrt(1.5))
every <- function(points, G) as.matrix(expand.grid(rep(list(points), G)))
bootstrap <- function(name, m, cluster, c, W, label, nulls, limits) {
  X <- model.matrix(m); y <- unname(m$model[[1]]); M <- solve(crossprod(X)); G <- length(unique(cluster))
  code <- as.integer(factor(cluster)); a <- X %*% M %*% c
  t_of <- function(y, null) { b <- M %*% crossprod(X, y); e <- y - X %*% b
    (sum(c * b) - null) / sqrt(G / (G - 1) * sum(rowsum(a * e, code)^2)) }
  b <- M %*% crossprod(X, y)
  p_of <- function(null) {
    r <- b - M %*% c * (sum(c * b) - null) / as.numeric(t(c) %*% M %*% c)
    fit <- X %*% r; e <- y - fit; t <- abs(t_of(y, null))
    mean(apply(W, 1, function(w) abs(t_of(fit + e * w[code], null))) >= t * (1 - 1e-9)) }
  edge <- function(way) { inside <- sum(c * b); outside <- inside + way * sd(y) * 8
    if (p_of(outside) > .05) return(NA)
    for (i in 1:60) { mid <- (inside + outside) / 2; if (p_of(mid) > .05) inside <- mid else outside <- mid }
    outside }
  low <- if (limits) edge(-1) else NA; high <- if (limits) edge(1) else NA
  for (null in nulls) wild[[length(wild) + 1]] <<- data.frame(data = name, weights = label, draws = nrow(W), null,
    combination = paste(c, collapse = " "), statistic = t_of(y, null), p_value = p_of(null), conf_low = low,
    conf_high = high) }
bootstrap("small", m_small, small$cluster, c(0, 1, 0), every(signs, 7), "rademacher", c(0, .3, 1.5), TRUE)
bootstrap("small", m_small, small$cluster, c(0, 0, 1), every(signs, 7), "rademacher", c(0, -1), TRUE)
bootstrap("small", m_small, small$cluster, c(1, .5, 1), every(signs, 7), "rademacher", c(0, 1.5), TRUE)
m <- lm(breaks ~ wool + tension, looms)
bootstrap("looms", m, looms$loom, c(0, 1, 0, 0), every(signs, 9), "rademacher", 0, TRUE)
bootstrap("looms", m, looms$loom, c(0, 0, 0, 1), every(signs, 9), "rademacher", 0, TRUE)
four <- small[small$cluster > 3, ]
bootstrap("four", lm(y ~ x, four), four$cluster, c(0, 1), every(signs, 4), "rademacher", 0, TRUE)
bootstrap("four", lm(y ~ x, four), four$cluster, c(0, 1), every(webb, 4), "webb", c(0, .9), FALSE)
draw <- function(points, B) matrix(sample(points, B * 21, replace = TRUE), B)
bootstrap("facilities", change, sim$facility, c(0, 1, 0, 0, 0, 0), draw(webb, 20000), "webb", 0, FALSE)
bootstrap("facilities", change, sim$facility, c(0, 0, 0, 0, 1, 0), draw(webb, 20000), "webb", 0, FALSE)
bootstrap("facilities", change, sim$facility, c(0, 0, 0, 0, 1, 0), draw(signs, 20000), "rademacher", 0, FALSE)
save(do.call(rbind, wild), "clusters_wild.csv")
writeLines(capture.output(sessionInfo()), file.path(outputs, "clusters_session.txt"))
