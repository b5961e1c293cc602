# Random-effects summaries and what printed numbers imply, for tests of the checks of printed numbers.
# Usage: Rscript published.R OUTPUT
suppressMessages(library(metafor))
out <- commandArgs(trailingOnly = TRUE)[1]
options(digits = 17)

sets <- list(
  # differing, as the cohorts of change do
  differ = list(y = c(0.50870575, 0.27747586, 0.12307181, 0.72443647), se = c(0.08818184, 0.07137806, 0.06417132, 0.08190957)),
  three = list(y = c(0, 1, 2), se = c(0.5, 0.4, 0.7)),
  # so alike that the variance between them is none
  alike = list(y = c(0.30, 0.31, 0.33, 0.29), se = c(0.10, 0.12, 0.09, 0.2)),
  two = list(y = c(0.2, 0.6), se = c(0.1, 0.15))
)
# BCG vaccine, the data of metafor's own examples
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
sets$bcg <- list(y = as.numeric(bcg$yi), se = sqrt(bcg$vi))

rows <- list()
for (name in names(sets)) {
  s <- sets[[name]]
  for (method in c("DL", "PM", "REML")) {
    fit <- rma(yi = s$y, sei = s$se, method = method, control = list(tol = 1e-12, threshold = 1e-12, maxiter = 1000))
    hk <- rma(yi = s$y, sei = s$se, method = method, test = "knha", control = list(tol = 1e-12, threshold = 1e-12, maxiter = 1000))
    k <- length(s$y)
    # Higgins, Thompson and Spiegelhalter: t with k - 2 degrees of freedom
    half <- if (k > 2) qt(0.975, k - 2) * sqrt(fit$tau2 + fit$se^2) else NA
    profile <- confint(fit, control = list(tol = 1e-14, tau2.max = 1000))$random
    rows[[length(rows) + 1]] <- data.frame(
      set = name, method = method, k = k, estimate = as.numeric(fit$beta), std_error = fit$se, conf_low = fit$ci.lb,
      conf_high = fit$ci.ub, std_error_hk = hk$se, hk_low = hk$ci.lb, hk_high = hk$ci.ub, p_hk = hk$pval,
      prediction_low = as.numeric(fit$beta) - half, prediction_high = as.numeric(fit$beta) + half, tau_squared = fit$tau2,
      tau_squared_low = profile["tau^2", "ci.lb"], tau_squared_high = profile["tau^2", "ci.ub"], q = fit$QE, q_p = fit$QEp)
  }
}
write.csv(do.call(rbind, rows), file.path(out, "published_random_effects.csv"), row.names = FALSE)
write.csv(do.call(rbind, lapply(names(sets), function(n) data.frame(set = n, y = sets[[n]]$y, se = sets[[n]]$se))),
          file.path(out, "published_random_effects_inputs.csv"), row.names = FALSE)

# The correlations of a table: p by t, Fisher's interval.
r <- c(.622, .244, -.251, -.173, .002, -.532, -.497, -.369, .768, .680, .047, -.392)
n <- 107
table <- do.call(rbind, lapply(r, function(one) {
  half <- qnorm(0.975) / sqrt(n - 3)
  data.frame(r = one, n = n, p = 2 * pt(-abs(one) * sqrt((n - 2) / (1 - one^2)), n - 2),
             conf_low = tanh(atanh(one) - half), conf_high = tanh(atanh(one) + half))
}))
write.csv(table, file.path(out, "published_correlations.csv"), row.names = FALSE)

# The interval of the RMSEA: noncentralities by root finding on pchisq.
limit <- function(chisq, df, p) {
  if (pchisq(chisq, df) <= p) return(0)
  uniroot(function(l) pchisq(chisq, df, ncp = l) - p, c(0, 10 * chisq), tol = 1e-12)$root
}
fits <- data.frame(chisq = c(105.5, 104.4, 106.8, 40, 20, 60), df = c(34, 34, 34, 34, 34, 20), n = c(531, 531, 531, 531, 531, 120))
fits$rmsea <- sqrt(pmax(fits$chisq - fits$df, 0) / (fits$df * (fits$n - 1)))
fits$low <- mapply(function(x, d, n) sqrt(limit(x, d, 0.95) / (d * (n - 1))), fits$chisq, fits$df, fits$n)
fits$high <- mapply(function(x, d, n) sqrt(limit(x, d, 0.05) / (d * (n - 1))), fits$chisq, fits$df, fits$n)
write.csv(fits, file.path(out, "published_rmsea.csv"), row.names = FALSE)

# p of statistics, at both ends of their rounding.
tests <- data.frame(
  test = c("t", "F", "F"), statistic = c("-3.2", "7.532", "14.212"), df = c(68, 40.488, 37.774),
  p_low = c(2 * pt(-3.25, 68), pf(7.5325, 1, 40.488, lower.tail = FALSE), pf(14.2125, 1, 37.774, lower.tail = FALSE)),
  p_high = c(2 * pt(-3.15, 68), pf(7.5315, 1, 40.488, lower.tail = FALSE), pf(14.2115, 1, 37.774, lower.tail = FALSE)))
write.csv(tests, file.path(out, "published_tests.csv"), row.names = FALSE)

# Ratios and differences: the p that estimate and limits allow, over a fine grid of everything before rounding.
grid <- function(estimate, low, high, half, log_scale, df = Inf) {
  e <- seq(estimate - half, estimate + half, length.out = 801)
  h <- seq(high - half, high + half, length.out = 801)
  both <- expand.grid(e = e, h = h)
  l <- if (log_scale) both$e^2 / both$h else 2 * both$e - both$h
  ok <- l >= low - half - 1e-12 & l <= low + half + 1e-12
  if (log_scale) both <- log(both)
  t <- both$e[ok] / ((both$h[ok] - both$e[ok]) / qt(0.975, df))
  p <- 2 * pt(-abs(t), df)
  c(min(p), max(p))
}
intervals <- data.frame(
  estimate = c("2.0", "3.3", "0.2", "2.6", "2.7", "+0.06"), low = c("1.1", "1.0", "0.0", "1.4", "1.1", "0.03"),
  high = c("3.7", "10.3", "0.6", "4.8", "4.2", "0.09"), half = c(.05, .05, .05, .05, .05, .005),
  scale = c("log", "log", "log", "log", "linear", "linear"), df = c(NA, NA, NA, NA, NA, 201))
found <- t(mapply(function(e, l, h, half, s, d) grid(as.numeric(e), as.numeric(l), as.numeric(h), half, s == "log", if (is.na(d)) Inf else d),
                  intervals$estimate, intervals$low, intervals$high, intervals$half, intervals$scale, intervals$df))
intervals$p_low <- found[, 1]
intervals$p_high <- found[, 2]
write.csv(intervals, file.path(out, "published_intervals.csv"), row.names = FALSE)
writeLines(capture.output(sessionInfo()), file.path(out, "published_session.txt"))
