# Who was lost and what it can do, by R: Rscript tests/oracles/lost.R INPUTS OUTPUTS
# INPUTS from make_inputs.py; OUTPUTS is this folder. Written independently of the Python code.
suppressMessages({library(mice); library(nnet); library(mitml)})
options(digits = 17, contrasts = c("contr.treatment", "contr.poly"))
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
read <- function(f) read.csv(file.path(inputs, f), check.names = FALSE)
save <- function(d, f) { num <- sapply(d, is.numeric)
  d[num] <- lapply(d[num], function(x) ifelse(is.na(x), NA, sprintf("%.15g", x)))
  write.csv(d, file.path(outputs, f), row.names = FALSE, quote = FALSE, na = "") }
z <- qnorm(.975)

h <- read("help.csv"); base <- h[h$TIME == 0, ]; late <- h[h$TIME == 12, ]
base$lost <- as.integer(!base$ID %in% late$ID); base$male <- as.integer(base$A1 == 1)
numeric <- c("MCS", "PCS", "CES_D", "AGE", "PSS_FR", "PSS_FA"); binary <- c("male", "GROUP")

# 1 standardised differences -----------------------------------------------------------------------------
difference <- function(x, lost, bin) {
  a <- x[lost == 1]; b <- x[lost == 0]; ka <- a[!is.na(a)]; kb <- b[!is.na(b)]
  s <- function(v) if (bin) sqrt(mean(v) * (1 - mean(v))) else sd(v)
  d <- (mean(ka) - mean(kb)) / sqrt((s(ka)^2 + s(kb)^2) / 2); n1 <- length(ka); n0 <- length(kb)
  e <- sqrt((n1 + n0) / (n1 * n0) + d^2 / (2 * (n1 + n0)))
  data.frame(n_lost = n1, n_seen = n0, missing_lost = sum(is.na(a)), missing_seen = sum(is.na(b)),
    lost_mean = mean(ka), seen_mean = mean(kb), lost_sd = s(ka), seen_sd = s(kb), estimate = mean(ka) - mean(kb),
    d_rms = d, d_rms_low = d - z * e, d_rms_high = d + z * e) }
save(do.call(rbind, lapply(c(numeric, binary), function(v)
  cbind(covariate = v, difference(base[[v]], base$lost, v %in% binary)))), "lost_differences.csv")
known <- base[!is.na(base$O1B), ]; levels <- sort(unique(known$O1B))
p1 <- prop.table(table(factor(known$O1B[known$lost == 1], levels)))
p0 <- prop.table(table(factor(known$O1B[known$lost == 0], levels)))
S <- ((diag(p1) - p1 %o% p1) + (diag(p0) - p0 %o% p0)) / 2; d <- as.numeric(p1 - p0); K <- length(d)
save(data.frame(level = levels, lost = as.numeric(p1), seen = as.numeric(p0),
  d_mahalanobis = sqrt(drop(d[-1] %*% solve(S[-1, -1], d[-1])))), "lost_levels.csv")

# 2 logistic regression -----------------------------------------------------------------------------------
tight <- glm.control(epsilon = 1e-15, maxit = 100)
# the deviance settles before the coefficients do: two more rounds from where it ended
exact <- function(formula, data) { fit <- glm(formula, binomial, data, control = tight)
  for (i in 1:2) fit <- glm(formula, binomial, data, control = tight, start = coef(fit)); fit }
auc <- function(p, y) unname(suppressWarnings(wilcox.test(p[y == 1], p[y == 0])$statistic)) / sum(y == 1) / sum(y == 0)
logistic <- function(data, fit) { s <- summary(fit)$coefficients; ci <- suppressMessages(confint.default(fit))
  data.frame(data, term = rownames(s), estimate = s[, 1], std_error = s[, 2], statistic = s[, 3], p_value = s[, 4],
    conf_low = ci[, 1], conf_high = ci[, 2], odds_ratio = exp(s[, 1]), odds_ratio_low = exp(ci[, 1]),
    odds_ratio_high = exp(ci[, 2]), log_likelihood = as.numeric(logLik(fit)),
    auc = auc(round(fitted(fit), 12), fit$y)) }
full <- base[complete.cases(base[c(numeric, binary)]), ]
f1 <- exact(lost ~ MCS + PCS + CES_D + AGE + PSS_FR + PSS_FA + male + GROUP, full)
b <- read("btheb.csv"); b$lost <- as.integer(is.na(b[["bdi.8m"]])); b$pre <- b[["bdi.pre"]]
b$btheb <- as.integer(b$treatment == "BtheB"); b$drugged <- as.integer(b$drug == "Yes")
b$long <- as.integer(b$length == ">6m")
f2 <- exact(lost ~ pre + btheb + drugged + long, b)
save(rbind(logistic("help", f1), logistic("btheb", f2)), "lost_logistic.csv")

# 3 weights -----------------------------------------------------------------------------------------------
weights <- function(data, fit, top, x) { seen <- fit$y == 0; ps <- 1 - fitted(fit); w <- (top / ps)[seen]
  row <- function(how, w) { q <- quantile(w, c(0, .1, .5, .9, 1), names = FALSE)
    data.frame(data, how, n = length(w), mean = mean(w), largest = max(w), effective_n = sum(w)^2 / sum(w^2),
      q0 = q[1], q10 = q[2], q50 = q[3], q90 = q[4], q100 = q[5], weighted_mean = sum(w * x[seen]) / sum(w)) }
  l <- quantile(w, c(.01, .99), names = FALSE); l10 <- quantile(w, c(.1, .9), names = FALSE)
  rbind(row("whole", w), row("trim_1_99", pmin(pmax(w, l[1]), l[2])),
        row("trim_10_90", pmin(pmax(w, l10[1]), l10[2]))) }
n1 <- exact(lost ~ GROUP, full); n2 <- exact(lost ~ btheb, b)
save(rbind(weights("help", f1, mean(full$lost == 0), full$MCS), weights("help_by_group", f1, 1 - fitted(n1), full$MCS),
  weights("btheb", f2, mean(b$lost == 0), b$pre), weights("btheb_by_group", f2, 1 - fitted(n2), b$pre)),
  "lost_weights.csv")

# 4 multinomial by nnet, and exactly as a Poisson regression; overlap weights -----------------------------
full$g <- factor(ifelse(full$O1B == 1, "none", ifelse(full$O1B == 2, "few", "many")), c("none", "few", "many"))
known <- full[!is.na(full$g), ]; X <- cbind(1, scale(known[c("CES_D", "AGE", "male")]))
terms <- c("intercept", "CES_D", "AGE", "male"); k <- 3; n <- nrow(known)
nn <- multinom(g ~ X - 1, known, trace = FALSE, reltol = 1e-16, abstol = 1e-16, maxit = 10000)
long <- data.frame(id = factor(rep(seq_len(n), k)), cat = factor(rep(levels(known$g), each = n), levels(known$g)))
long$y <- as.integer(long$cat == rep(as.character(known$g), k)); XX <- X[rep(seq_len(n), k), ]
D <- do.call(cbind, lapply(levels(known$g)[-1], function(l) XX * (long$cat == l)))
po <- suppressWarnings(glm(y ~ 0 + id + D, poisson, long, control = glm.control(epsilon = 1e-13, maxit = 100)))
cf <- summary(po)$coefficients; cf <- cf[grepl("^D", rownames(cf)), ]
save(data.frame(group = rep(levels(known$g)[-1], each = 4), term = rep(terms, 2), estimate = cf[, 1],
  std_error = cf[, 2], by_nnet = as.vector(t(coef(nn)))), "lost_multinomial.csv")
e <- matrix(fitted(po), n, k); stopifnot(max(abs(rowSums(e) - 1)) < 1e-9)
tilt <- 1 / rowSums(1 / e); w <- tilt / e[cbind(seq_len(n), as.integer(known$g))]
save(do.call(rbind, lapply(seq_len(k), function(j) { i <- as.integer(known$g) == j; v <- w[i] / sum(w[i])
  data.frame(group = levels(known$g)[j], n = sum(i), effective_n = 1 / sum(v^2), largest = max(v),
    CES_D = sum(v * known$CES_D[i]), AGE = sum(v * known$AGE[i]), male = sum(v * known$male[i]),
    var_CES_D = var(known$CES_D[i]), var_AGE = var(known$AGE[i]), var_male = var(known$male[i])) })),
  "lost_overlap.csv")

# 5 pooling -----------------------------------------------------------------------------------------------
im <- mice(nhanes, m = 7, method = "norm", maxit = 10, seed = 11, print = FALSE)
fits <- with(im, lm(chl ~ age + bmi + hyp))$analyses; nulls <- lapply(seq_along(fits), function(i)
  lm(chl ~ 1, complete(im, i))); halves <- lapply(seq_along(fits), function(i) lm(chl ~ age, complete(im, i)))
out <- list(); ins <- list()
for (i in seq_along(fits)) { V <- vcov(fits[[i]]); cc <- coef(fits[[i]])
  ins[[i]] <- data.frame(imputation = i, term = names(cc), estimate = unname(cc), std_error = sqrt(diag(V)), V) }
save(do.call(rbind, ins), "lost_pool_inputs.csv")
for (n in c(Inf, 25)) for (t in names(coef(fits[[1]]))) for (m in c(2, 7)) {
  Q <- sapply(fits[1:m], function(f) coef(f)[t]); U <- sapply(fits[1:m], function(f) vcov(f)[t, t])
  p <- pool.scalar(Q, U, n = n, k = 4); s <- sqrt(p$t); q <- qt(.975, p$df)
  out <- c(out, list(data.frame(term = t, n = n, m = m, estimate = p$qbar, std_error = s, statistic = p$qbar / s,
    df = p$df, p_value = 2 * pt(-abs(p$qbar / s), p$df), conf_low = p$qbar - q * s, conf_high = p$qbar + q * s,
    within = p$ubar, between = p$b, total = p$t, share_between = (1 + 1 / m) * p$b / p$t, relative_increase = p$r,
    fraction_missing = p$fmi))) }
save(do.call(rbind, out), "lost_pool.csv")
D1 <- function(what, m, null, df.com, k) { r <- testModels(as.mitml.result(fits[1:m]), as.mitml.result(null[1:m]),
    method = "D1", df.com = df.com)$test
  data.frame(what, m, df_complete = ifelse(is.null(df.com), Inf, df.com), statistic = r[1, "F.value"],
    df_num = r[1, "df1"], df = r[1, "df2"], p_value = r[1, "P(>F)"], relative_increase = r[1, "RIV"]) }
save(rbind(D1("all", 7, nulls, NULL), D1("all", 7, nulls, 21), D1("two", 7, halves, NULL), D1("two", 7, halves, 21),
  D1("two", 3, halves, NULL), D1("all", 3, nulls, 21)), "lost_pool_test.csv")

# 6 whole multiple imputation: what the Monte-Carlo error of a comparison follows from is kept too ----------
pooled <- function(data, what, Q, U) { p <- pool.scalar(Q, U)
  data.frame(data, what, m = length(Q), estimate = p$qbar, within = p$ubar, between = p$b, total = p$t) }
terms_of <- function(data, fits) do.call(rbind, lapply(names(coef(fits[[1]])), function(t)
  pooled(data, t, sapply(fits, function(f) coef(f)[t]), sapply(fits, function(f) vcov(f)[t, t]))))
im <- mice(nhanes, m = 1000, method = "norm", maxit = 20, seed = 12, print = FALSE)
save(nhanes, "lost_nhanes.csv")
nh <- terms_of("nhanes", with(im, lm(chl ~ age + bmi))$analyses)
w <- merge(base[c("ID", "MCS", "CES_D", "AGE", "male", "GROUP")],
           data.frame(ID = late$ID, MCS12 = late$MCS, users12 = late$O1C, drinkers12 = late$O1B), all.x = TRUE)
w <- w[!is.na(w$MCS), ]; w$ID <- NULL
w$users12 <- factor(as.integer(w$users12 >= 2))
w$drinkers12 <- factor(ifelse(w$drinkers12 == 1, 0, ifelse(w$drinkers12 == 2, 1, 2)))
# mice's "polyreg" keeps the coefficients at their estimates, and its "logreg" adds persons of a total weight of one a
# coefficient, half of them a yes, which moves a share of 0.61 by 0.005 here; proper imputation draws, and adds nobody
mice.impute.logdraw <- function(y, ry, x, wy = NULL, ...) { if (is.null(wy)) wy <- !ry
  fit <- glm(y[ry] ~ x[ry, ], family = binomial)
  p <- plogis(cbind(1, x[wy, ]) %*% MASS::mvrnorm(1, coef(fit), vcov(fit)))
  levels(y)[1 + (runif(nrow(p)) < p)] }
mice.impute.polydraw <- function(y, ry, x, wy = NULL, ...) { if (is.null(wy)) wy <- !ry
  fit <- multinom(y[ry] ~ x[ry, ], Hess = TRUE, trace = FALSE, maxit = 500, reltol = 1e-10)
  drawn <- matrix(MASS::mvrnorm(1, as.vector(t(coef(fit))), vcov(fit)), ncol(x) + 1)
  e <- exp(cbind(0, cbind(1, x[wy, ]) %*% drawn)); p <- e / rowSums(e)
  levels(y)[1 + apply(t(apply(p, 1, cumsum)) < runif(nrow(p)), 1, sum)] }
im <- mice(w, m = 300, maxit = 10, seed = 13, print = FALSE,
           method = c("", "", "", "", "", "norm", "logdraw", "polydraw"))
fits <- with(im, lm(MCS12 ~ MCS + GROUP + users12 + I(drinkers12 == 1) + I(drinkers12 == 2)))$analyses
fits <- lapply(fits, function(f) { names(f$coefficients) <- c("intercept", "MCS", "GROUP", "users12", "few", "many"); f })
share <- function(what, f) { x <- sapply(1:300, function(i) mean(f(complete(im, i))))
  pooled("help", what, x, x * (1 - x) / nrow(w)) }
he <- rbind(terms_of("help", fits), share("share_users", function(d) d$users12 == 1),
  share("share_few", function(d) d$drinkers12 == 1), share("share_many", function(d) d$drinkers12 == 2))
set.seed(14); F <- 21; n <- 338; fac <- sample(rep(1:F, length.out = n)); u <- rnorm(F, 0, 4)
x <- rnorm(n, u[fac] / 4); y <- 50 + 2 * x + u[fac] + rnorm(n, 0, 8); y[runif(n) < plogis(-.5 + .4 * x)] <- NA
two <- data.frame(facility = fac, x = round(x, 6), y = round(y, 6)); two$y[two$facility == 21] <- NA
save(two, "lost_two_level_inputs.csv")
pred <- make.predictorMatrix(two); pred["y", ] <- c(-2, 1, 0)
im <- mice(two, m = 300, maxit = 1, method = c("", "", "2l.pan"), predictorMatrix = pred, seed = 15, print = FALSE,
           paniter = 1000)
fits <- with(im, lm(y ~ x))$analyses
fits <- lapply(fits, function(f) { names(f$coefficients) <- c("intercept", "x"); f })
between <- sapply(1:300, function(i) { d <- complete(im, i); a <- anova(lm(y ~ factor(facility), d))[["Mean Sq"]]
  (a[1] - a[2]) / (n / F) })
lone <- sapply(1:300, function(i) { d <- complete(im, i); mean(d$y[d$facility == 21]) })
tl <- rbind(terms_of("two_level", fits), pooled("two_level", "between_facilities", between, rep(1, 300)),
  pooled("two_level", "facility_without_any", lone, rep(1, 300)))
save(rbind(nh, he, tl), "lost_imputation.csv")

# 7 tipping: Beat the Blues at 8 months, five imputations kept, the turn by root finding --------------------
v <- b[c("pre", "btheb", "drugged", "long")]; v$post <- b[["bdi.8m"]]
im <- mice(v, m = 5, method = "norm", maxit = 5, seed = 16, print = FALSE)
Y <- sapply(1:5, function(i) complete(im, i)$post); save(as.data.frame(Y), "lost_tipping_inputs.csv")
test <- function(delta, arm) { lost <- b$lost == 1 & b$btheb == arm
  q <- sapply(1:5, function(i) { d <- v; d$post <- Y[, i] + delta * lost; s <- summary(lm(post ~ pre + btheb, d))
    s$coefficients["btheb", 1:2] })
  p <- pool.scalar(q[1, ], q[2, ]^2, n = nrow(v), k = 3)
  c(p$qbar, 2 * pt(-abs(p$qbar / sqrt(p$t)), p$df)) }
turn <- function(arm, part, target, range) uniroot(function(x) test(x, arm)[part] - target, range, tol = 1e-12)$root
zero <- test(0, 1); rows <- list()
for (arm in 0:1) for (delta in c(-10, -5, 0, 5, 10)) { r <- test(delta, arm)
  rows <- c(rows, list(data.frame(arm, delta, estimate = r[1], p_value = r[2]))) }
save(do.call(rbind, rows), "lost_tipping.csv")
curve <- expand.grid(arm = 0:1, delta = seq(-25, 25, .5)); curve$p <- mapply(function(d, a) test(d, a)[2], curve$delta, curve$arm)
first <- function(arm, part, target) { found <- c()
  for (side in c(-1, 1)) { at <- side * seq(0, 30, .05); s <- sapply(at, function(x) test(x, arm)[part] > target)
    i <- which(s != s[1])[1]; if (!is.na(i)) found <- c(found, turn(arm, part, target, sort(at[c(i - 1, i)]))) }
  if (length(found)) found[which.min(abs(found))] else NA }
save(data.frame(arm = 0:1, significant = c(first(0, 2, .05), first(1, 2, .05)),
  sign = c(first(0, 1, 0), first(1, 1, 0))), "lost_tipping_points.csv")

# 8 bounds --------------------------------------------------------------------------------------------------
im_c <- function(w, s, level) uniroot(function(c) pnorm(c + w / s) - pnorm(-c) - level, c(.5, 4), tol = 1e-13)$root
one <- function(before, after, low, high) { lo <- ifelse(is.na(after), low, after) - before
  hi <- ifelse(is.na(after), high, after) - before; n <- length(before)
  list(e = mean(after - before, na.rm = TRUE), l = mean(lo), u = mean(hi), sl = sd(lo) / sqrt(n), su = sd(hi) / sqrt(n),
       n = n, lost = sum(is.na(after))) }
bound <- function(what, b, level) { c <- im_c(b$u - b$l, max(b$sl, b$su), level)
  data.frame(what, level, estimate = b$e, bound_low = b$l, bound_high = b$u, std_error_low = b$sl, std_error_high = b$su,
    conf_low = b$l - c * b$sl, conf_high = b$u + c * b$su, n = b$n, n_lost = b$lost) }
both <- function(a, b) list(e = a$e - b$e, l = a$l - b$u, u = a$u - b$l, sl = sqrt(a$sl^2 + b$su^2),
                            su = sqrt(a$su^2 + b$sl^2), n = a$n + b$n, lost = a$lost + b$lost)
rows <- list()
for (m in c("2m", "8m")) for (level in c(.9, .95)) { post <- b[[paste0("bdi.", m)]]; i <- b$btheb == 1
  x <- one(b$pre[i], post[i], 0, 63); y <- one(b$pre[!i], post[!i], 0, 63)
  for (r in list(bound("BtheB", x, level), bound("TAU", y, level), bound("BtheB-TAU", both(x, y), level)))
    rows <- c(rows, list(cbind(month = m, r))) }
save(do.call(rbind, rows), "lost_bounds.csv")

# 9 E-values ------------------------------------------------------------------------------------------------
E <- function(rr) { rr <- ifelse(rr < 1, 1 / rr, rr); rr + sqrt(rr * (rr - 1)) }
near <- function(rr, lo, hi) ifelse(lo <= 1 & hi >= 1, 1, E(ifelse(rr > 1, lo, hi)))
r <- data.frame(scale = "risk_ratio", estimate = c(3.9, .5, 1.2, .8, 2), low = c(1.8, .3, .9, .7, 1.5),
                high = c(8.7, .8, 1.6, .95, 3))
s <- data.frame(scale = "difference", estimate = c(.5, -.4, .1), low = c(.2, -.7, -.2), high = c(.8, -.1, .4))
r$e_value <- E(r$estimate); r$e_value_limit <- near(r$estimate, r$low, r$high)
k <- exp(.91 * s[2:4]); s$e_value <- E(k[[1]]); s$e_value_limit <- near(k[[1]], k[[2]], k[[3]])
save(rbind(r, s), "lost_e_values.csv")
capture.output(sessionInfo(), file = file.path(outputs, "lost_session.txt"))
