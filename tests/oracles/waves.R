# What R says of the models for waves: Rscript tests/oracles/waves.R INPUTS OUTPUTS
# INPUTS from make_inputs.py; OUTPUTS is this folder. Written independently of the Python code.
# Simulated data are made here, by a fixed seed, and written beside the output.
suppressMessages({library(nlme); library(lme4); library(lmerTest); library(pbkrtest); library(geepack)
                  library(clubSandwich)})
options(digits = 17, contrasts = c("contr.treatment", "contr.poly"))
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
save <- function(d, f) { num <- sapply(d, is.numeric)
  d[num] <- lapply(d[num], function(x) ifelse(is.na(x), NA, sprintf("%.15g", x)))
  write.csv(d, file.path(outputs, f), row.names = FALSE, quote = FALSE, na = "") }

rows <- list(); parts <- list(); tests <- list()
coefs <- function(case, by, estimate, se, df) {
  t <- estimate / se; q <- qt(.975, df)
  rows[[length(rows) + 1]] <<- data.frame(case, by, term = seq_along(estimate) - 1, estimate, std_error = se, df,
    statistic = t, p_value = 2 * pt(-abs(t), df), conf_low = estimate - q * se, conf_high = estimate + q * se) }
part <- function(case, by, name, value)
  parts[[length(parts) + 1]] <<- data.frame(case, by, name, value = as.numeric(value))
joint <- function(case, by, F, d1, d2, scaling = 1)
  tests[[length(tests) + 1]] <<- data.frame(case, by, statistic = F, df_num = d1, df = d2,
    p_value = pf(F, d1, d2, lower.tail = FALSE), scaling)

# ---- simulated: 338 persons, 21 facilities, 4 groups, two waves ----------------------------------------
set.seed(2017, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
n <- 338; facility <- sample(1:21, n, TRUE); group <- sample(0:3, n, TRUE, c(.3, .25, .3, .15))
age <- round(rnorm(n, 36, 8), 1); female <- rbinom(n, 1, .3)
b <- rnorm(n, 0, 6); f <- rnorm(21, 0, 5)[facility]
before <- 40 + 2 * group - .1 * age + b + f + rnorm(n, 0, 7)
after <- before - rnorm(n, 0, 7) + 3 + c(4, 1, 0, -2)[group + 1] + rnorm(n, 0, 7)
dropped <- rbinom(n, 1, .35); dropped[1:4] <- 0
flip <- rnorm(n, 0, 6)
sim <- data.frame(person = rep(1:n, each = 2), wave = rep(0:1, n), facility = rep(facility, each = 2),
  group = rep(group, each = 2), age = rep(age, each = 2), female = rep(female, each = 2),
  dropped = rep(dropped, each = 2), y = round(as.vector(rbind(before, after)), 2),
  # waves that are negatively correlated: no variance between persons
  v = round(as.vector(rbind(40 + flip, 42 - flip + group)) + rnorm(2 * n, 0, 3), 2))
# no more variance between facilities than chance
sim$z <- round(sim$y - ave(sim$y, sim$facility, sim$wave) + 40 + sim$group * sim$wave, 2)
write.csv(sim, file.path(outputs, "waves_simulated.csv"), row.names = FALSE, quote = FALSE)
sim$time <- factor(sim$wave); sim$g <- factor(sim$group)

ctrl <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 1e-2, rhoend = 1e-9, maxfun = 2e5),
  check.conv.singular = "ignore", check.conv.grad = "ignore", check.conv.hess = "ignore",
  check.nobs.vs.nRE = "ignore", check.nobs.vs.nlev = "ignore")
satterthwaite <- function(case, m) { s <- coef(summary(m, ddf = "Satterthwaite"))
  coefs(case, "lmerTest", s[, 1], s[, 2], s[, 3]) }
variances <- function(case, m) { part(case, "lme4", "log_likelihood", logLik(m, REML = TRUE))
  part(case, "lme4", "residual", sigma(m)^2)
  for (k in names(VarCorr(m))) part(case, "lme4", k, VarCorr(m)[[k]][1]) }
kenward_roger <- function(case, m) { a <- vcovAdj(m); p <- length(fixef(m))
  coefs(case, "pbkrtest", unname(fixef(m)), sqrt(diag(as.matrix(a))),
        sapply(1:p, function(i) Lb_ddf(diag(p)[i, ], vcov(m), a))) }
joint_both <- function(case, m, L) {
  s <- contestMD(m, L, ddf = "Satterthwaite"); joint(case, "lmerTest", s[["F value"]], s$NumDF, s$DenDF)
  k <- KRmodcomp(m, L)$test["Ftest", ]
  joint(case, "pbkrtest", k$stat, k$ndf, k$ddf, k$F.scaling) }

# ---- two complete waves ---------------------------------------------------------------------------------
# lme4 goes as far as its search does; lm on the two halves is exact where no variance is zero.
halves <- function(case, d, y, covariates = character()) {
  w <- d[d$wave == 0, ]; w$s <- (d[[y]][d$wave == 0] + d[[y]][d$wave == 1]) / 2
  w$d <- d[[y]][d$wave == 1] - d[[y]][d$wave == 0]
  ms <- lm(reformulate(c("g", covariates), "s"), w); md <- lm(d ~ g, w)
  k <- nlevels(d$g); a <- length(coef(ms)); A <- rbind(cbind(diag(a), rbind(-diag(k) / 2, matrix(0, a - k, k))),
    cbind(matrix(0, k, a), diag(k)))
  V <- matrix(0, a + k, a + k); V[1:a, 1:a] <- vcov(ms); V[a + 1:k, a + 1:k] <- vcov(md)
  est <- as.vector(A %*% c(coef(ms), coef(md))); C <- A %*% V %*% t(A)
  v1 <- diag(A[, 1:a] %*% vcov(ms) %*% t(A[, 1:a])); v2 <- diag(A[, a + 1:k] %*% vcov(md) %*% t(A[, a + 1:k]))
  coefs(case, "lm", est, sqrt(diag(C)), (v1 + v2)^2 / (v1^2 / ms$df.residual + v2^2 / md$df.residual))
  part(case, "lm", "residual", sigma(md)^2 / 2); part(case, "lm", "person", sigma(ms)^2 - sigma(md)^2 / 4) }
halves("two_groups", sim, "y"); halves("two_covariates", sim, "y", c("age", "female"))
two <- list(two_groups = y ~ g + time + g:time + (1 | person),
            two_covariates = y ~ g + age + female + time + g:time + (1 | person),
            two_boundary = v ~ g + time + g:time + (1 | person))
in_order <- function(m, k = 4) { x <- names(fixef(m)) # intercept, groups, covariates, time, time by groups
  c(1, grep("^g[0-9]$", x), grep("^(age|female)$", x), grep("^time1$", x), grep(":", x)) }
for (case in names(two)) { m <- lmer(two[[case]], sim, control = ctrl); o <- in_order(m)
  s <- coef(summary(m, ddf = "Satterthwaite"))[o, ]; coefs(case, "lmerTest", s[, 1], s[, 2], s[, 3]); variances(case, m)
  joint(case, "lmerTest", contestMD(m, diag(length(o))[grep(":", names(fixef(m))), ])[["F value"]], 3,
        contestMD(m, diag(length(o))[grep(":", names(fixef(m))), ])$DenDF) }
# where the variance between persons is zero, least squares on all rows
m <- lm(v ~ g + time + g:time, sim); s <- coef(summary(m))[c(1:4, 5:8), ]
coefs("two_boundary", "lm", s[, 1], s[, 2], m$df.residual); part("two_boundary", "lm", "residual", sigma(m)^2)
part("two_boundary", "lm", "person", 0)

# ---- random intercepts ----------------------------------------------------------------------------------
left <- sim[!(sim$wave == 1 & sim$dropped == 1), ]
L <- cbind(matrix(0, 3, 5), diag(3))
m <- lmer(y ~ g + time + g:time + (1 | facility) + (1 | person), left, control = ctrl)
satterthwaite("facilities", m); kenward_roger("facilities", m); variances("facilities", m); joint_both("facilities", m, L)
m <- lmer(y ~ g + age + time + (1 | person), left, control = ctrl)
satterthwaite("dropout", m); kenward_roger("dropout", m); variances("dropout", m)
m <- lmer(z ~ g + time + g:time + (1 | facility) + (1 | person), left, control = ctrl)
satterthwaite("no_facilities", m); variances("no_facilities", m)
# a variance at zero counts as known: Kenward-Roger of the model without it
m <- lmer(z ~ g + time + g:time + (1 | person), left, control = ctrl); kenward_roger("no_facilities", m)
data(sleepstudy, package = "lme4")
m <- lmer(Reaction ~ Days + (1 | Subject), sleepstudy, control = ctrl)
satterthwaite("sleepstudy", m); kenward_roger("sleepstudy", m); variances("sleepstudy", m)
h <- read.csv(file.path(inputs, "help.csv")); h <- h[!is.na(h$MCS), ]; h$time <- factor(h$TIME)
m <- lmer(MCS ~ time * GROUP + (1 | ID), h, control = ctrl)
satterthwaite("help_intercepts", m); kenward_roger("help_intercepts", m); variances("help_intercepts", m)
joint_both("help_intercepts", m, cbind(matrix(0, 4, 6), diag(4)))

# ---- MMRM -----------------------------------------------------------------------------------------------
# nlme for estimates; lmer with one effect a wave, whose residual is redundant, for degrees of freedom
wide_b <- read.csv(file.path(inputs, "btheb.csv")); months <- c(2, 4, 6, 8)
b <- do.call(rbind, lapply(months, function(k) data.frame(id = seq_len(nrow(wide_b)), wave = k,
  treatment = as.numeric(wide_b$treatment == "BtheB"), drug = as.numeric(wide_b$drug == "Yes"),
  pre = wide_b$bdi.pre, y = wide_b[[paste0("bdi.", k, "m")]])))
b <- b[!is.na(b$y), ]; b <- b[order(b$id, b$wave), ]; b$time <- factor(b$wave)
data(Orthodont, package = "nlme"); o <- data.frame(id = as.character(Orthodont$Subject), wave = Orthodont$age,
  y = Orthodont$distance, female = as.numeric(Orthodont$Sex == "Female")); o$time <- factor(o$wave)
h$id <- h$ID; h$wave <- h$TIME; h$y <- h$MCS
h$drug <- as.numeric(h$O1B >= 3 | h$O1C >= 3); hn <- h[!is.na(h$drug), ]
mmrm <- list(orthodont = list(y ~ 0 + time + time:female, o), btheb = list(y ~ pre + drug + time * treatment, b),
             help_mmrm = list(y ~ time * GROUP, h), help_network = list(y ~ time + drug, hn))
gls_ctrl <- glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 500, opt = "nlminb")
dense <- function(X, d, S) { # Kenward and Roger (1997) as printed: whole matrices, one derivative an element of S
  waves <- sort(unique(d$wave)); w <- match(d$wave, waves); ids <- split(seq_len(nrow(d)), d$id)
  el <- which(lower.tri(S, TRUE), arr.ind = TRUE); K <- nrow(el); p <- ncol(X)
  A <- matrix(0, p, p); P <- replicate(K, A, FALSE); Q <- matrix(list(A), K, K); tr <- matrix(0, K, K)
  E <- lapply(1:K, function(k) { m <- 0 * S; m[el[k, 1], el[k, 2]] <- m[el[k, 2], el[k, 1]] <- 1; m })
  for (i in ids) { x <- X[i, , drop = FALSE]; V <- solve(S[w[i], w[i]]); A <- A + t(x) %*% V %*% x
    VE <- lapply(E, function(e) V %*% e[w[i], w[i]])
    for (k in 1:K) { P[[k]] <- P[[k]] - t(x) %*% VE[[k]] %*% V %*% x
      for (l in 1:K) { Q[[k, l]] <- Q[[k, l]] + t(x) %*% VE[[k]] %*% VE[[l]] %*% V %*% x
        tr[k, l] <- tr[k, l] + sum(VE[[k]] * t(VE[[l]])) } } }
  Phi <- solve(A); I <- matrix(0, K, K)
  for (k in 1:K) for (l in 1:K) I[k, l] <- tr[k, l] / 2 - sum(Phi * t(Q[[k, l]])) +
    sum((Phi %*% P[[k]]) * t(Phi %*% P[[l]])) / 2
  W <- solve(I); U <- 0 * A
  for (k in 1:K) for (l in 1:K) U <- U + W[k, l] * (Q[[k, l]] - P[[k]] %*% Phi %*% P[[l]])
  G <- sapply(1:K, function(k) diag(Phi %*% P[[k]] %*% Phi))
  list(se = sqrt(diag(Phi + 2 * Phi %*% U %*% Phi)), df = 2 * diag(Phi)^2 / rowSums((G %*% W) * G)) }
elements <- function(case, by, S) for (i in seq_len(nrow(S))) for (j in 1:i) part(case, by, paste0(i - 1, "_", j - 1), S[i, j])
for (case in names(mmrm)) { form <- mmrm[[case]][[1]]; d <- mmrm[[case]][[2]]; d$place <- as.integer(d$time)
  g <- gls(form, d, correlation = corSymm(form = ~ place | id), weights = varIdent(form = ~ 1 | time), control = gls_ctrl)
  coefs(case, "nlme", unname(coef(g)), sqrt(diag(vcov(g))), NA); part(case, "nlme", "log_likelihood", logLik(g))
  most <- names(which.max(table(d$id)))
  sds <- g$sigma * coef(g$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[levels(d$time)]
  C <- corMatrix(Initialize(corSymm(coef(g$modelStruct$corStruct, unconstrained = FALSE), form = ~ place | id),
                            data = d[d$id == most, ]))
  if (is.list(C)) C <- C[[1]]
  elements(case, "nlme", C * outer(sds, sds))
  m <- lmer(update(form, . ~ . + (0 + time | id)), d, control = ctrl)
  S <- unclass(VarCorr(m)$id); S <- matrix(S, nrow(S)) + sigma(m)^2 * diag(nrow(S)); elements(case, "lme4", S)
  satterthwaite(case, m); part(case, "lme4", "log_likelihood", logLik(m, REML = TRUE))
  X <- model.matrix(form, d); k <- dense(X, d, S); coefs(case, "dense", unname(fixef(m)), k$se, k$df)
  L <- diag(ncol(X))[attr(X, "assign") == max(attr(X, "assign")), , drop = FALSE]
  if (case %in% c("orthodont", "btheb")) { kenward_roger(case, m); joint_both(case, m, L) } else {
    s <- contestMD(m, L, ddf = "Satterthwaite"); joint(case, "lmerTest", s[["F value"]], s$NumDF, s$DenDF) } }

# ---- GEE --------------------------------------------------------------------------------------------------
gee <- function(case, form, d, id, working, fixed) { d$cluster <- as.integer(factor(d[[id]])); d <- d[order(d$cluster, d$wave), ]
  m <- geeglm(form, data = d, id = cluster, corstr = working, control = geese.control(epsilon = 1e-14, maxit = 500))
  s <- summary(m)$coefficients; by <- paste0("geepack_", working)
  coefs(case, by, s[, 1], s[, 2], Inf); part(case, by, "scale", m$geese$gamma)
  alpha <- if (working == "exchangeable") m$geese$alpha else 0
  part(case, by, "correlation", alpha)
  # Mancl and DeRouen is CR3 of the model with that correlation held fixed
  g <- if (alpha == 0) lm(form, d) else gls(form, d, correlation = corCompSymm(alpha, ~ 1 | cluster, fixed = TRUE))
  V <- if (alpha == 0) vcovCR(g, d$cluster, "CR3") else vcovCR(g, type = "CR3")
  coefs(case, paste0("clubSandwich_", working), unname(coef(g)), sqrt(diag(as.matrix(V))), Inf) }
for (w in c("independence", "exchangeable")) {
  gee("gee_two", y ~ g + time + g:time, sim, "person", w)
  gee("gee_dropout", y ~ g + age + time, left, "person", w)
  gee("gee_facilities", y ~ g + time, left, "facility", w)
  gee("gee_btheb", y ~ pre + drug + time * treatment, b, "id", w)
  gee("gee_help", y ~ time * GROUP, h, "id", w) }

save(do.call(rbind, rows), "waves_coefficients.csv"); save(do.call(rbind, parts), "waves_parts.csv")
save(do.call(rbind, tests), "waves_tests.csv")
writeLines(grep("^(BLAS|LAPACK|Matrix)", capture.output(sessionInfo()), invert = TRUE, value = TRUE),
           file.path(outputs, "waves_session.txt"))
