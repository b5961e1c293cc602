# Four analyses of change, and regression to the mean: Rscript tests/oracles/estimands.R INPUTS OUTPUTS
# INPUTS from make_inputs.py; OUTPUTS is this folder. Written independently of the Python code: lm and emmeans, gls on
# stacked data, numerical derivatives for the delta method, optimize for ranges, loops for the bootstrap.
suppressMessages({library(nlme); library(emmeans)})
options(digits = 17, contrasts = c("contr.treatment", "contr.poly"))
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
save <- function(d, f) { num <- sapply(d, is.numeric)
  d[num] <- lapply(d[num], function(x) ifelse(is.na(x), NA, sprintf("%.15g", x)))
  write.csv(d, file.path(outputs, f), row.names = FALSE, quote = FALSE, na = "") }

# ---- data: before, after (NA: not seen), group (NA: none) ---------------------------------------------------------
h <- read.csv(file.path(inputs, "help.csv"))
unknown <- is.na(h$PSS_FR) | is.na(h$PSS_FA) | is.na(h$O1B) | is.na(h$O1C)
h$net <- ifelse(unknown, NA, ifelse(h$PSS_FR <= 3 & h$PSS_FA <= 3, "isolated",
                ifelse(h$O1B >= 3 | h$O1C >= 3, "drug_dominated", "abstinent")))
b <- h[h$TIME == 0, ]; f <- h[h$TIME == 12, ]; m <- match(b$ID, f$ID)
w <- data.frame(before = b$MCS, after = f$MCS[m], n0 = b$net, n1 = f$net[m])
w$group <- ifelse(is.na(w$n0) | is.na(w$n1), NA, ifelse(w$n1 != "abstinent", w$n1,
                  ifelse(w$n0 == "abstinent", "maintained_abstinent", "gained_abstinent")))
lv <- c("maintained_abstinent", "gained_abstinent", "drug_dominated", "isolated")
help <- w[!is.na(w$before), c("before", "after", "group")]; help$group <- factor(help$group, lv)
a <- read.csv(file.path(inputs, "anorexia.csv"))
anorexia <- data.frame(before = a$Prewt, after = a$Postwt, group = factor(a$Treat, sort(unique(a$Treat))))
lost <- anorexia; lost$after[c(3, 20, 41, 70, 71)] <- NA
set.seed(20260401)
n <- c(40, 25, 12); g <- rep(1:3, n); true <- rnorm(sum(n), c(50, 44, 58)[g], 8)
sim <- data.frame(before = round(true + rnorm(sum(n), 0, 4), 3),
                  after = round(.8 * true + c(10, 12, 9)[g] + rnorm(sum(n), 0, 5), 3),
                  group = factor(c("a", "b", "c")[g]))
sim$after[runif(sum(n)) < plogis((sim$before - 60) / 5)] <- NA
save(transform(sim, group = as.character(group)), "estimands_simulated.csv")
sets <- list(help = help, anorexia = anorexia, anorexia_lost = lost, simulated = sim)
refs <- c(help = 3, anorexia = 2, anorexia_lost = 2, simulated = 1)

# ---- tools --------------------------------------------------------------------------------------------------------
contrasts_of <- function(k, ref) { C <- diag(k)[-ref, , drop = FALSE]; C[, ref] <- -1
  extra <- c(.5, .5, -1, rep(0, k - 3)); if (k == 4) extra <- c(.5, .5, -.5, -.5); rbind(C, extra) }
jac <- function(f, x) { f0 <- f(x); J <- matrix(NA, length(f0), length(x))     # Richardson on central differences
  for (i in seq_along(x)) { D <- function(h) { e <- replace(0 * x, i, h); (f(x + e) - f(x - e)) / (2 * h) }
    s <- 1e-2 * max(1, abs(x[i])); d1 <- D(s); d2 <- D(s / 2); d3 <- D(s / 4)
    r1 <- (4 * d2 - d1) / 3; r2 <- (4 * d3 - d2) / 3; J[, i] <- (16 * r2 - r1) / 15 }
  J }
trow <- function(est, se, df, level = .95) { q <- qt(1 - (1 - level) / 2, df); data.frame(estimate = est, std_error = se,
  statistic = est / se, df = df, p_value = 2 * pt(-abs(est / se), df), conf_low = est - q * se, conf_high = est + q * se) }
em <- function(fit, C) { e <- emmeans(fit, "group")
  s <- as.data.frame(summary(contrast(e, as.list(as.data.frame(t(C)))), infer = TRUE))
  data.frame(estimate = s$estimate, std_error = s$SE, statistic = s$t.ratio, df = s$df, p_value = s$p.value,
             conf_low = s$lower.CL, conf_high = s$upper.CL) }
# the moments (mean follow-ups, mean baselines, slope, mean of everybody) and their covariance under bivariate normality
moments <- function(cc, all_before, known_mean = FALSE) {
  k <- nlevels(cc$group); ng <- as.numeric(table(cc$group)); fit <- lm(after ~ group + before, cc)
  bw <- unname(coef(fit)["before"]); vb <- vcov(fit)["before", "before"]; tau2 <- sigma(fit)^2
  sxx <- sigma(lm(before ~ group, cc))^2; N <- length(all_before)
  y <- as.numeric(tapply(cc$after, cc$group, mean)); x <- as.numeric(tapply(cc$before, cc$group, mean))
  V <- matrix(0, 2 * k + 2, 2 * k + 2); iy <- 1:k; ix <- k + 1:k; M <- 2 * k + 2
  diag(V)[iy] <- (tau2 + bw^2 * sxx) / ng; diag(V)[ix] <- sxx / ng; V[cbind(iy, ix)] <- V[cbind(ix, iy)] <- bw * sxx / ng
  V[2 * k + 1, 2 * k + 1] <- vb
  if (!known_mean) { V[M, M] <- sxx / N; V[M, ix] <- V[ix, M] <- sxx / N; V[M, iy] <- V[iy, M] <- bw * sxx / N }
  list(theta = c(y, x, bw, mean(all_before)), V = V, df = fit$df.residual, k = k) }
by_delta <- function(mo, fun) { J <- jac(fun, mo$theta); trow(fun(mo$theta), sqrt(diag(J %*% mo$V %*% t(J))), mo$df) }

# ---- contrasts ----------------------------------------------------------------------------------------------------
out <- fits <- gains <- rtm <- mc <- NULL
for (s in names(sets)) {
  w <- sets[[s]]; k <- nlevels(w$group); C <- contrasts_of(k, refs[s]); cc <- w[!is.na(w$after) & !is.na(w$group), ]
  key <- data.frame(data = s, contrast = seq_len(nrow(C)))
  add <- function(analysis, reliability, d) out <<- rbind(out, cbind(key, analysis = analysis, reliability = reliability, d))
  anc <- lm(after ~ group + before, cc)
  add("change_score", NA, em(lm(I(after - before) ~ group, cc), C)); add("ancova", NA, em(anc, C))
  mo <- moments(cc, w$before); i <- 2 * k + 1
  squared <- cor(resid(lm(before ~ group, cc)), resid(lm(after ~ group, cc)))^2   # no reliability below it: NA
  for (r in c(.6, .75, .9, 1)) { d <- by_delta(mo, function(t) as.numeric(C %*% (t[1:k] - t[i] / r * t[k + 1:k])))
    if (r < squared) d[names(d) != "df"] <- NA
    add("ancova_corrected", r, d) }
  # constrained baseline: gls on stacked answers; those without a group give their baseline only
  w$id <- factor(seq_len(nrow(w))); seen <- !is.na(w$after) & !is.na(w$group)
  long <- rbind(data.frame(id = w$id, t = 1L, y = w$before, group = "start"),
                data.frame(id = w$id[seen], t = 2L, y = w$after[seen], group = as.character(w$group[seen])))
  for (l in levels(w$group)) long[[paste0("g_", l)]] <- as.numeric(long$group == l)
  long <- long[order(long$id, long$t), ]
  form <- as.formula(paste("y ~", paste0("g_", levels(w$group), collapse = " + ")))
  mu0 <- mean(w$before); N <- nrow(w); S0 <- sum((w$before - mu0)^2); n <- nrow(cc); ng <- as.numeric(table(cc$group))
  rss <- sum(resid(anc)^2); bw <- unname(coef(anc)["before"])
  for (meth in c("ML", "REML")) {
    g <- gls(form, long, correlation = corSymm(form = ~t | id), weights = varIdent(form = ~1 | t), method = meth,
             control = glsControl(tolerance = 1e-13, msTol = 1e-13, msMaxIter = 1000, maxIter = 200, opt = "optim",
                                  optimMethod = "BFGS", returnObject = TRUE))
    undo <- if (meth == "ML") (nrow(long) - k - 1) / nrow(long) else 1    # gls inflates the ML covariance
    V <- vcov(g)[-1, -1] * undo; p <- coef(g)[-1]
    add(paste0("gls_", meth), NA, trow(as.numeric(C %*% p), sqrt(diag(C %*% V %*% t(C))), anc$df.residual))
    tau2 <- if (meth == "ML") rss / n else rss / (n - k); s02 <- if (meth == "ML") S0 / N else S0 / (N - 1)
    e <- em(anc, C); scale <- sqrt(tau2) / sigma(anc)
    add(paste0("constrained_", meth), NA, trow(e$estimate, e$std_error * scale, anc$df.residual))
    at <- as.data.frame(emmeans(anc, "group", at = list(before = mu0)))
    gains <- rbind(gains, cbind(data = s, method = meth, group = levels(w$group),
      trow(at$emmean - mu0, sqrt((at$SE * scale)^2 + (bw - 1)^2 * s02 / N), anc$df.residual),
      gls_estimate = as.numeric(p), gls_std_error = sqrt(diag(V))))
    cs <- corMatrix(g$modelStruct$corStruct); two <- cs[[which(sapply(cs, nrow) == 2)[1]]][1, 2]
    ratio <- coef(g$modelStruct$varStruct, unconstrained = FALSE)
    fits <- rbind(fits, data.frame(data = s, method = meth, log_likelihood = as.numeric(logLik(g)),
      baseline_mean = unname(coef(g)[1]), baseline_std_error = sqrt(vcov(g)[1, 1] * undo), baseline_sd = g$sigma,
      follow_up_sd = g$sigma * unname(ratio), correlation = two, n = n, baseline_n = N)) }
  # observed information by a numerical Hessian of the two-wave likelihood itself, bivariate, not factored
  nll <- function(t) { mu0 <- t[1]; mu <- t[2:(k + 1)]; s0 <- exp(t[k + 2]); s1 <- exp(t[k + 3]); r <- tanh(t[k + 4])
    z0 <- (w$before - mu0) / s0; z1 <- (w$after - mu[as.integer(w$group)]) / s1
    -sum(dnorm(w$before[!seen], mu0, s0, log = TRUE)) + sum((log(2 * pi) + log(s0) + log(s1) + .5 * log(1 - r^2) +
      (z0^2 - 2 * r * z0 * z1 + z1^2) / (2 * (1 - r^2)))[seen]) }
  g <- gls(form, long, correlation = corSymm(form = ~t | id), weights = varIdent(form = ~1 | t), method = "ML",
           control = glsControl(returnObject = TRUE))
  s0 <- sqrt(S0 / N); s1 <- sqrt(rss / n + bw^2 * S0 / N)
  at <- c(mu0, coef(g)[1] + coef(g)[-1], log(s0), log(s1), atanh(bw * s0 / s1))
  H <- jac(function(t) as.numeric(jac(nll, t)), at); V <- solve((H + t(H)) / 2)
  L <- cbind(0, C, matrix(0, nrow(C), 3)); G <- cbind(-1, diag(k), matrix(0, k, 3))
  add("information_ML", NA, trow(as.numeric(L %*% at), sqrt(diag(L %*% V %*% t(L))), anc$df.residual))
  gains <- rbind(gains, cbind(data = s, method = "information_ML", group = levels(w$group),
    trow(as.numeric(G %*% at), sqrt(diag(G %*% V %*% t(G))), anc$df.residual), gls_estimate = NA, gls_std_error = NA))

  # ---- regression to the mean -------------------------------------------------------------------------------------
  own <- mean(cc$before) + 1.5 * sd(cc$before)
  for (mean_is in c("known", "everybody")) { mo <- moments(cc, w$before, mean_is == "known")
    if (mean_is == "known") mo$theta[2 * k + 2] <- own
    parts <- list(
      within_expected = function(t) (1 - t[i]) * (t[i + 1] - t[k + 1:k]),
      within_remainder = function(t) t[1:k] - t[k + 1:k] - (1 - t[i]) * (t[i + 1] - t[k + 1:k]),
      reliability_expected = function(t) (1 - .8) * (t[i + 1] - t[k + 1:k]),
      reliability_remainder = function(t) t[1:k] - t[k + 1:k] - (1 - .8) * (t[i + 1] - t[k + 1:k]))
    for (p in names(parts)) { d <- by_delta(mo, parts[[p]])
      # the residual variance about a fixed slope has its own divisor: change ~ group on after - .8 before
      if (p == "reliability_remainder") { v <- sigma(lm(I(after - .8 * before) ~ group, cc))^2
        sxx <- sigma(lm(before ~ group, cc))^2
        d <- trow(d$estimate, sqrt(v / ng + (mean_is == "everybody") * .2^2 * sxx / N), mo$df) }
      rtm <- rbind(rtm, cbind(data = s, mean_is = mean_is, population_mean = mo$theta[i + 1],
        part = p, group = levels(w$group), gain = as.numeric(tapply(cc$after - cc$before, cc$group, mean)), d)) } }

  # ---- Mee and Chua, each group by itself, and the range from its own mean to two SD above -------------------------
  for (l in levels(cc$group)) { q <- cc[cc$group == l, ]
    one <- function(mu) { f <- lm(I(after - mu) ~ I(before - mu), q); c(summary(f)$coefficients[1, ], confint(f)[1, ]) }
    lo <- mean(q$before); hi <- lo + 2 * sd(q$before); grid <- seq(lo, hi, length.out = 2001); v <- sapply(grid, one)
    near <- function(j, max) { i <- if (max) which.max(v[j, ]) else which.min(v[j, ])
      o <- optimize(function(m) one(m)[j], c(grid[pmax(i - 1, 1)], grid[pmin(i + 1, 2001)]), maximum = max, tol = 1e-12)
      if (max) max(o$objective, v[j, i]) else min(o$objective, v[j, i]) }
    for (mu in c(lo, (lo + hi) / 2, hi)) { o <- one(mu); mc <- rbind(mc, data.frame(data = s, group = l, population_mean = mu,
      n = nrow(q), gain = mean(q$after - q$before), estimate = o[1], std_error = o[2], statistic = o[3], df = nrow(q) - 2,
      p_value = o[4], conf_low = o[5], conf_high = o[6], low = lo, high = hi, estimate_low = near(1, FALSE),
      estimate_high = near(1, TRUE), range_low = near(5, FALSE), range_high = near(6, TRUE), p_smallest = near(4, FALSE),
      p_largest = near(4, TRUE))) } }
}
save(out, "estimands_contrasts.csv"); save(fits, "estimands_fits.csv"); save(gains, "estimands_gains.csv")
save(rtm, "estimands_regression.csv"); save(mc, "estimands_mee_chua.csv")

# ---- bootstrap, with indices that anybody can draw: x -> 16807 x mod (2^31 - 1) from 1, all resamples of a group after
# another, row by row; index = floor(n x / (2^31 - 1)) ----------------------------------------------------------------
x <- 1; B <- 400; draws <- list()
for (l in levels(anorexia$group)) { n <- sum(anorexia$group == l); d <- matrix(0L, B, n)
  for (r in 1:B) for (j in 1:n) { x <- (16807 * x) %% 2147483647; d[r, j] <- floor(n * x / 2147483647) + 1L }
  draws[[l]] <- d }
C <- contrasts_of(3, 2); rel <- .6; parts <- split(anorexia, anorexia$group)
theta <- function(parts) { x <- sapply(parts, function(p) mean(p$before)); y <- sapply(parts, function(p) mean(p$after))
  sxy <- sum(sapply(parts, function(p) sum((p$before - mean(p$before)) * (p$after - mean(p$after)))))
  sxx <- sum(sapply(parts, function(p) sum((p$before - mean(p$before))^2))); as.numeric(C %*% (y - sxy / sxx / rel * x)) }
t0 <- theta(parts); tb <- t(sapply(1:B, function(r) theta(lapply(levels(anorexia$group), function(l) parts[[l]][draws[[l]][r, ], ]))))
num <- den <- 0
for (l in names(parts)) { n <- nrow(parts[[l]])
  j <- t(sapply(1:n, function(i) { p <- parts; p[[l]] <- p[[l]][-i, ]; theta(p) }))
  infl <- (n - 1) * sweep(-j, 2, -colMeans(j)); num <- num + colSums(infl^3) / n^3; den <- den + colSums(infl^2) / n^2 }
acc <- num / den^1.5 / 6; z0 <- qnorm(colMeans(t(t(tb) < t0))); bo <- NULL
for (meth in c("bca", "percentile")) for (q in seq_along(t0)) { z <- qnorm(c(.025, .975))
  pr <- if (meth == "bca") pnorm(z0[q] + (z0[q] + z) / (1 - acc[q] * (z0[q] + z))) else c(.025, .975)
  ci <- quantile(tb[, q], pr, type = 7, names = FALSE)
  bo <- rbind(bo, data.frame(method = meth, contrast = q, estimate = t0[q], std_error = sd(tb[, q]), conf_low = ci[1],
                             conf_high = ci[2])) }
save(bo, "estimands_bootstrap.csv")
writeLines(grep("^(BLAS|LAPACK|Matrix)", capture.output(sessionInfo()), invert = TRUE, value = TRUE),
           file.path(outputs, "estimands_session.txt"))
