# The models of all waves, and the mixed models of two, of whole studies: Rscript tests/oracles/wave_study.R INPUTS OUTPUTS
# INPUTS from make_inputs.py; OUTPUTS is this folder. Written independently of the Python code. About ten minutes.
# The simulated cohort is made here, by a fixed seed, and written beside the output.
suppressMessages({library(nlme); library(lme4); library(lmerTest); library(pbkrtest)})
options(digits = 17, contrasts = c("contr.treatment", "contr.poly"))
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
save <- function(d, f) { num <- sapply(d, is.numeric)
  d[num] <- lapply(d[num], function(x) ifelse(is.na(x), NA, sprintf("%.15g", x)))
  write.csv(d, file.path(outputs, f), row.names = FALSE, na = "") }
rows <- list()
row <- function(study, model, table, term, estimate = NA, std_error = NA, statistic = NA, df_num = NA, df = NA, p_value = NA)
  rows[[length(rows) + 1]] <<- data.frame(study, model, table, term, estimate, std_error, statistic, df_num, df, p_value)
single <- function(study, model, table, term, est, se, df) # adjusted means are not tested
  row(study, model, table, term, est, se, ifelse(grepl("^adjusted", term), NA, est / se), NA, df,
      ifelse(grepl("^adjusted", term), NA, 2 * pt(-abs(est / se), df)))

# ---- a cohort: 338 persons, 21 facilities, three waves, drop-out ---------------------------------------
set.seed(431, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
n <- 338; facility <- sample(1:21, n, TRUE); arm <- sample(c("A", "B", "C"), n, TRUE, c(.4, .35, .25))
b <- rnorm(n, 0, 6); f <- rnorm(21, 0, 4)[facility]; push <- c(A = 0, B = 2, C = -1)[arm]
sim <- do.call(rbind, lapply(0:2, function(t) data.frame(person = 1:n, wave = t, facility, arm,
  network = sample(c("abst", "drug", "iso"), n, TRUE, c(.35, .45, .2)), y = 40 + b + f + 2 * t + t * push + rnorm(n, 0, 7))))
sim$y <- round(sim$y + c(abst = 3, drug = 0, iso = -2)[sim$network], 2)
out <- cbind(FALSE, runif(n) < .25, runif(n) < .35) # seen again or not, each wave for itself, and some without a start
out[, 1] <- runif(n) < .05; sim$y[out[cbind(sim$person, sim$wave + 1)]] <- NA
sim$network[runif(nrow(sim)) < .06] <- NA
sim <- sim[order(sim$person, sim$wave), ]
write.csv(sim, file.path(outputs, "wave_study_simulated.csv"), row.names = FALSE, quote = FALSE, na = "")

ctrl <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 1e-2, rhoend = 1e-9, maxfun = 2e5),
  check.conv.singular = "ignore", check.conv.grad = "ignore", check.conv.hess = "ignore",
  check.nobs.vs.nRE = "ignore", check.nobs.vs.nlev = "ignore")
gls_ctrl <- glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 500, opt = "nlminb")

# ---- what is asked: rows of L by name -------------------------------------------------------------------
grid <- function(d, base) { g <- expand.grid(wave = levels(d$wave), group = levels(d$group), stringsAsFactors = TRUE)
  g$wave <- factor(g$wave, levels(d$wave)); g$group <- factor(g$group, levels(d$group)); g$base <- base; g }
pair_names <- function(order, ref) { o <- setdiff(order, ref); p <- lapply(o, function(x) c(x, ref))
  if (length(o) > 1) p <- c(p, combn(o, 2, simplify = FALSE)); p }
# order: the groups as the study has them; the first level of d$group is the reference
asked_fixed <- function(d, order) { ref <- levels(d$group)[1]; W <- levels(d$wave); T <- length(W); g <- grid(d, 0)
  M <- model.matrix(~ group * wave, g); at <- function(x, w) M[g$group == x & g$wave == w, ]
  o <- levels(d$group)[-1]; change <- function(x, w = W[T]) at(x, w) - at(x, W[1])
  avg <- function(f) Reduce(`+`, lapply(order, f)) / length(order)
  over <- function(x) Reduce(`+`, lapply(W, function(w) at(x, w))) / T
  joint <- list(wave = do.call(rbind, lapply(W[-1], function(w) avg(function(x) change(x, w)))),
                group = do.call(rbind, lapply(o, function(x) over(x) - over(ref))),
                `wave:group` = do.call(rbind, lapply(W[-1], function(w) do.call(rbind, lapply(o, function(x) change(x, w) - change(ref, w))))))
  terms <- c("intercept", sprintf("group[%s]", o), sprintf("wave[%s]", W[-1]), as.vector(outer(o, W[-1], function(x, w) sprintf("wave[%s]:group[%s]", w, x))))
  means <- do.call(rbind, lapply(order, function(x) do.call(rbind, lapply(W, function(w) at(x, w)))))
  rownames(means) <- as.vector(t(outer(order, W, function(x, w) sprintf("adjusted_mean[%s, %s]", x, w))))
  P <- pair_names(order, ref); pairs <- do.call(rbind, lapply(P, function(p) change(p[1]) - change(p[2])))
  rownames(pairs) <- sapply(P, paste, collapse = " - ")
  list(form = y ~ group * wave, terms = terms, joint = joint, means = means, pairs = pairs) }
asked_network <- function(d, order) { ref <- levels(d$group)[1]; W <- levels(d$wave); g <- grid(d, mean(d$base))
  M <- model.matrix(~ group + wave + base, g); o <- levels(d$group)[-1]
  over <- function(x) colMeans(M[g$group == x, ]); in_wave <- function(w) colMeans(M[g$wave == w, ])
  joint <- list(wave = do.call(rbind, lapply(W[-1], function(w) in_wave(w) - in_wave(W[1]))),
                network = do.call(rbind, lapply(o, function(x) over(x) - over(ref))))
  means <- do.call(rbind, lapply(order, over)); rownames(means) <- sprintf("adjusted_mean[%s]", order)
  P <- pair_names(order, ref); pairs <- do.call(rbind, lapply(P, function(p) over(p[1]) - over(p[2])))
  rownames(pairs) <- sapply(P, paste, collapse = " - ")
  list(form = y ~ group + wave + base, terms = c("intercept", sprintf("network[%s]", o), sprintf("wave[%s]", W[-1]), "baseline"),
       joint = joint, means = means, pairs = pairs, product = y ~ group + wave + base + group:wave) }
everything <- function(a, p) { I <- diag(p); rownames(I) <- a$terms; list(models = rbind(I, a$means), contrasts = a$pairs) }

# ---- by each model --------------------------------------------------------------------------------------
lmer_rows <- function(study, model, m, a, kr_joint = FALSE, dense = NULL) { p <- length(fixef(m)); E <- everything(a, p)
  for (table in names(E)) { L <- E[[table]]
    if (is.null(dense)) { s <- do.call(rbind, lapply(seq_len(nrow(L)), function(i) contest1D(m, L[i, ], ddf = "Satterthwaite")))
      single(study, model, table, rownames(L), s$Estimate, s$`Std. Error`, s$df)
    } else { s <- dense(L); single(study, model, table, rownames(L), as.vector(L %*% fixef(m)), s$se, s$df) } }
  for (term in names(a$joint)) joint_lmer(study, model, term, m, a$joint[[term]], kr_joint, !is.null(dense)) }
joint_lmer <- function(study, model, term, m, L, kr_joint, is_kr) {
  if (!is_kr) { s <- contestMD(m, L, ddf = "Satterthwaite"); row(study, model, "models", term, NA, NA, s$`F value`, s$NumDF, s$DenDF, s$`Pr(>F)`) }
  else if (kr_joint) { k <- KRmodcomp(m, L)$test["Ftest", ]; row(study, model, "models", term, NA, NA, k$stat, k$ndf, k$ddf, k$p.value) } }
product_L <- function(form, d) { X <- model.matrix(form, d); diag(ncol(X))[attr(X, "assign") == max(attr(X, "assign")), , drop = FALSE] }
value <- function(study, model, term, x) row(study, model, "models", term, x)
variances <- function(study, model, m, names_of) { v <- sapply(VarCorr(m), function(x) x[1]); r <- sigma(m)^2
  for (k in names(v)) value(study, model, names_of[[k]], sqrt(v[[k]])); value(study, model, "sd_residual", sqrt(r))
  value(study, model, "icc", sum(v) / (sum(v) + r)); value(study, model, "reml_criterion", -2 * as.numeric(logLik(m, REML = TRUE))) }

intercepts <- function(study, d, a, facility = FALSE) { model <- if (facility) "mixed_waves_facility" else "mixed_waves"
  random <- if (facility) . ~ . + (1 | facility) + (1 | id) else . ~ . + (1 | id)
  m <- lmer(update(a$form, random), d, control = ctrl); lmer_rows(study, model, m, a)
  variances(study, model, m, list(id = "sd_person", facility = "sd_facility"))
  if (!is.null(a$product)) { q <- lmer(update(a$product, random), d, control = ctrl)
    joint_lmer(study, model, "wave:network", q, product_L(a$product, d), FALSE, FALSE) } }

# Kenward and Roger (1997) as printed: whole matrices, one derivative an element of S; see waves.R
kenward_roger <- function(X, d, S) { w <- as.integer(d$wave); ids <- split(seq_len(nrow(d)), d$id)
  el <- which(lower.tri(S, TRUE), arr.ind = TRUE); K <- nrow(el); p <- ncol(X)
  A <- matrix(0, p, p); P <- replicate(K, A, FALSE); Q <- matrix(list(A), K, K); tr <- matrix(0, K, K)
  E <- lapply(1:K, function(k) { m <- 0 * S; m[el[k, 1], el[k, 2]] <- m[el[k, 2], el[k, 1]] <- 1; m })
  for (i in ids) { x <- X[i, , drop = FALSE]; V <- solve(S[w[i], w[i]]); A <- A + t(x) %*% V %*% x
    VE <- lapply(E, function(e) V %*% e[w[i], w[i]])
    for (k in 1:K) { P[[k]] <- P[[k]] - t(x) %*% VE[[k]] %*% V %*% x
      for (l in 1:K) { Q[[k, l]] <- Q[[k, l]] + t(x) %*% VE[[k]] %*% VE[[l]] %*% V %*% x
        tr[k, l] <- tr[k, l] + sum(VE[[k]] * t(VE[[l]])) } } }
  Phi <- solve(A); I <- matrix(0, K, K)
  for (k in 1:K) for (l in 1:K) I[k, l] <- tr[k, l] / 2 - sum(Phi * t(Q[[k, l]])) + sum((Phi %*% P[[k]]) * t(Phi %*% P[[l]])) / 2
  W <- solve(I); U <- 0 * A
  for (k in 1:K) for (l in 1:K) U <- U + W[k, l] * (Q[[k, l]] - P[[k]] %*% Phi %*% P[[l]])
  adjusted <- Phi + 2 * Phi %*% U %*% Phi; slopes <- lapply(P, function(x) Phi %*% x %*% Phi)
  function(L) { G <- sapply(slopes, function(s) rowSums((L %*% s) * L)); if (is.null(dim(G))) G <- t(G)
    v <- rowSums((L %*% Phi) * L); list(se = sqrt(rowSums((L %*% adjusted) * L)), df = 2 * v^2 / rowSums((G %*% W) * G)) } }
unstructured <- function(form, d) { m <- lmer(update(form, . ~ . + (0 + wave | id)), d, control = ctrl)
  S <- unclass(VarCorr(m)$id); list(m = m, S = matrix(S, nrow(S)) + sigma(m)^2 * diag(nrow(S))) }
mmrm <- function(study, d, a, kr_joint) { u <- unstructured(a$form, d); W <- levels(d$wave)
  dense <- kenward_roger(model.matrix(a$form, d), d, u$S)
  lmer_rows(study, "mmrm_satterthwaite", u$m, a); lmer_rows(study, "mmrm_kenward_roger", u$m, a, kr_joint, dense)
  d$place <- as.integer(d$wave)
  g <- gls(a$form, d, correlation = corSymm(form = ~ place | id), weights = varIdent(form = ~ 1 | wave), control = gls_ctrl)
  for (model in c("mmrm_satterthwaite", "mmrm_kenward_roger")) { value(study, model, "reml_criterion", -2 * as.numeric(logLik(g)))
    for (i in seq_along(W)) { value(study, model, sprintf("sd[%s]", W[i]), sqrt(u$S[i, i]))
      for (j in seq_len(i - 1)) value(study, model, sprintf("correlation[%s, %s]", W[j], W[i]), cov2cor(u$S)[i, j]) } }
  if (!is.null(a$product)) { q <- unstructured(a$product, d); L <- product_L(a$product, d)
    joint_lmer(study, "mmrm_satterthwaite", "wave:network", q$m, L, FALSE, FALSE)
    joint_lmer(study, "mmrm_kenward_roger", "wave:network", q$m, L, kr_joint, TRUE) } }

# Liang and Zeger's moments, rows and pairs less p; Mancl and DeRouen's errors as printed, with whole matrices
gee_fit <- function(form, d, working) { X <- model.matrix(form, d); p <- ncol(X); ids <- split(seq_len(nrow(d)), d$cluster)
  pairs <- sum(choose(lengths(ids), 2)); alpha <- 0; old <- 1
  inverse <- function(i) solve((1 - alpha) * diag(length(i)) + alpha)
  while (abs(alpha - old) > 1e-13) { old <- alpha; A <- matrix(0, p, p); c <- rep(0, p)
    for (i in ids) { x <- X[i, , drop = FALSE]; V <- inverse(i); A <- A + t(x) %*% V %*% x; c <- c + t(x) %*% V %*% d$y[i] }
    b <- solve(A, c); r <- as.vector(d$y - X %*% b); phi <- sum(r^2) / (nrow(d) - p)
    if (working == "exchangeable") alpha <- sum(sapply(ids, function(i) (sum(r[i])^2 - sum(r[i]^2)) / 2)) / (pairs - p) / phi }
  B <- matrix(0, p, p)
  for (i in ids) { x <- X[i, , drop = FALSE]; V <- inverse(i); H <- x %*% solve(A, t(x) %*% V)
    u <- t(x) %*% V %*% solve(diag(length(i)) - H, r[i]); B <- B + u %*% t(u) }
  list(b = as.vector(b), V = solve(A) %*% B %*% solve(A), df = length(ids) - p, alpha = alpha, phi = phi) }
wald <- function(study, model, term, f, L) { e <- L %*% f$b; F <- as.numeric(t(e) %*% solve(L %*% f$V %*% t(L), e)) / nrow(L)
  row(study, model, "models", term, NA, NA, F, nrow(L), f$df, pf(F, nrow(L), f$df, lower.tail = FALSE)) }
gee <- function(study, d, a, working, cluster) { d$cluster <- as.integer(factor(d[[cluster]])); d <- d[order(d$cluster, d$id, d$wave), ]
  model <- if (working == "exchangeable") "gee" else "gee_independence"
  f <- gee_fit(a$form, d, working); E <- everything(a, length(f$b))
  for (table in names(E)) { L <- E[[table]]; single(study, model, table, rownames(L), as.vector(L %*% f$b), sqrt(rowSums((L %*% f$V) * L)), f$df) }
  for (term in names(a$joint)) wald(study, model, term, f, a$joint[[term]])
  value(study, model, "working_correlation", f$alpha); value(study, model, "sd", sqrt(f$phi))
  if (!is.null(a$product)) wald(study, model, "wave:network", gee_fit(a$product, d, working), product_L(a$product, d)) }

all_models <- function(study, d, order, kr_joint, facilities = FALSE) {
  a <- if (is.null(d$base)) asked_fixed(d, order) else asked_network(d, order)
  d <- d[order(d$id, d$wave), ]; d$base <- if (is.null(d$base)) 0 else d$base
  intercepts(study, d, a); if (facilities) intercepts(study, d, a, TRUE)
  mmrm(study, d, a, kr_joint); cluster <- if (facilities) "facility" else "id"
  gee(study, d, a, "exchangeable", cluster); if (!is.null(a$product)) gee(study, d, a, "independence", cluster)
  message(study) }
later <- function(d, first) { at <- d[d$wave == first & !is.na(d$y), ]; d$base <- at$y[match(d$id, at$id)]
  d <- d[d$wave != first & !is.na(d$base) & !is.na(d$y) & !is.na(d$group), ]; d$wave <- droplevels(d$wave); d }
categories <- c("abstinent", "drug_dominated", "isolated")
with_reference <- function(x, ref) factor(x, c(ref, setdiff(sort(unique(x[!is.na(x)])), ref)))

# ---- HELP -----------------------------------------------------------------------------------------------
h <- read.csv(file.path(inputs, "help.csv"))
h$wave <- factor(ifelse(h$TIME == 0, "baseline", paste0("month", h$TIME)), c("baseline", paste0("month", c(6, 12, 18, 24))))
h$net <- ifelse(is.na(h$PSS_FR) | is.na(h$PSS_FA) | is.na(h$O1B) | is.na(h$O1C), NA,
         ifelse(h$PSS_FR <= 3 & h$PSS_FA <= 3, "isolated", ifelse(h$O1B >= 3 | h$O1C >= 3, "drug_dominated", "abstinent")))
h$id <- h$ID
for (y in c("MCS", "CES_D")) { d <- h; d$y <- d[[y]]; d$group <- with_reference(d$net, "drug_dominated")
  all_models(paste0("help_", y), later(d, "baseline"), categories, FALSE) }
d <- h; d$y <- d$MCS; arm <- d[d$TIME == 0, ]; d$group <- with_reference(as.character(arm$GROUP[match(d$id, arm$id)]), "0")
all_models("help_arms", d[!is.na(d$y), ], c("0", "1"), FALSE)

# ---- Beat the Blues: drop-out, two arms, five waves ------------------------------------------------------
w <- read.csv(file.path(inputs, "btheb.csv")); W <- c("pre", "2m", "4m", "6m", "8m")
b <- do.call(rbind, lapply(W, function(k) data.frame(id = seq_len(nrow(w)), wave = factor(k, W), group = with_reference(w$treatment, "TAU"), y = w[[paste0("bdi.", k)]])))
all_models("btheb", b[!is.na(b$y), ], c("BtheB", "TAU"), TRUE)

# ---- the simulated cohort --------------------------------------------------------------------------------
sim$id <- sim$person; sim$wave <- factor(c("start", "half", "year")[sim$wave + 1], c("start", "half", "year"))
d <- sim; d$group <- with_reference(d$arm, "A"); all_models("simulated_arms", d[!is.na(d$y), ], c("A", "B", "C"), TRUE, TRUE)
d <- sim; d$group <- with_reference(c(abst = "abstinent", drug = "drug_dominated", iso = "isolated")[d$network], "drug_dominated")
all_models("simulated_networks", later(d, "start"), categories, TRUE, TRUE)

# ---- two waves: mixed by lm on mean and difference, mixed_facility by lmer --------------------------------
two <- function(study, before, after, group, order) { ref <- levels(group)[1]; o <- levels(group)[-1]; k <- nlevels(group)
  ok <- !is.na(before) & !is.na(after) & !is.na(group); g <- group[ok]; s <- (before[ok] + after[ok]) / 2; d <- after[ok] - before[ok]
  ms <- lm(s ~ g); md <- lm(d ~ g); vs <- vcov(ms); vd <- vcov(md); stopifnot(sigma(ms)^2 > sigma(md)^2 / 4)
  b0 <- coef(ms) - coef(md) / 2; se <- sqrt(diag(vs) + diag(vd) / 4)
  df <- (diag(vs) + diag(vd) / 4)^2 / (diag(vs)^2 / ms$df.residual + (diag(vd) / 4)^2 / md$df.residual)
  single(study, "mixed", "models", c("intercept", sprintf("group[%s]", o)), unname(b0), se, df)
  single(study, "mixed", "models", c(sprintf("time[%s]", ref), sprintf("time:group[%s]", o)), unname(coef(md)), sqrt(diag(vd)), md$df.residual)
  F <- function(term, m, L) { e <- L %*% coef(m); f <- as.numeric(t(e) %*% solve(L %*% vcov(m) %*% t(L), e)) / nrow(L)
    row(study, "mixed", "models", term, NA, NA, f, nrow(L), m$df.residual, pf(f, nrow(L), m$df.residual, lower.tail = FALSE)) }
  I <- diag(k)[-1, , drop = FALSE]; F("group", ms, I); F("time:group", md, I); F("time", md, matrix(c(1, rep(1 / k, k - 1)), 1))
  P <- pair_names(order, ref); M <- cbind(1, diag(k)[, -1]); rownames(M) <- levels(group)
  for (p in P) { l <- M[p[1], ] - M[p[2], ]; single(study, "mixed", "contrasts", paste(p, collapse = " - "), sum(l * coef(md)), sqrt(sum(l * (vd %*% l))), md$df.residual) }
  e <- sigma(md)^2 / 2; v <- sigma(ms)^2 - e / 2; value(study, "mixed", "sd_person", sqrt(v)); value(study, "mixed", "sd_residual", sqrt(e))
  value(study, "mixed", "icc", v / (v + e))
  y <- c(before[ok], after[ok]); long <- data.frame(y, g = rep(g, 2), t = rep(0:1, each = sum(ok)), i = rep(seq_len(sum(ok)), 2))
  q <- lmer(y ~ g * t + (1 | i), long, control = ctrl); value(study, "mixed", "reml_criterion", -2 * as.numeric(logLik(q, REML = TRUE))) }
wide <- function(y, t) { s <- h[h$TIME == t, ]; s[match(h[h$TIME == 0, "id"], s$id), y] }
change_group <- function(a, b) ifelse(is.na(a) | is.na(b), NA, ifelse(b != "abstinent", b, ifelse(a == "abstinent", "maintained_abstinent", "gained_abstinent")))
four <- c("maintained_abstinent", "gained_abstinent", "drug_dominated", "isolated")
for (m in c(6, 24)) for (y in c("MCS", "CES_D")) { g <- change_group(wide("net", 0), wide("net", m))
  two(sprintf("help_%s_month%d", y, m), wide(y, 0), wide(y, m), factor(g, c("drug_dominated", setdiff(four, "drug_dominated"))), four) }
# both arms' persons with one wave only stay in
facility <- function(study, d, order) { d$wave <- factor(d$wave, c("start", "year")); d <- d[!is.na(d$wave) & !is.na(d$y) & !is.na(d$group), ]
  ref <- levels(d$group)[1]; o <- levels(d$group)[-1]; k <- nlevels(d$group)
  m <- lmer(y ~ group * wave + (1 | facility) + (1 | id), d, control = ctrl); model <- "mixed_facility"; p <- 2 * k; I <- diag(p)
  terms <- c("intercept", sprintf("group[%s]", o), sprintf("time[%s]", ref), sprintf("time:group[%s]", o))
  for (i in 1:p) { s <- contest1D(m, I[i, ]); single(study, model, "models", terms[i], s$Estimate, s$`Std. Error`, s$df) }
  G <- I[2:k, , drop = FALSE]; X <- I[(k + 2):p, , drop = FALSE]; t <- matrix(I[k + 1, ] + colSums(X) / k, 1)
  for (q in list(list("time", t), list("group", G + X / 2), list("time:group", X))) joint_lmer(study, model, q[[1]], m, q[[2]], FALSE, FALSE)
  rownames(X) <- o; Z <- rbind(X, 0); rownames(Z) <- c(o, ref)
  for (pr in pair_names(order, ref)) { s <- contest1D(m, Z[pr[1], ] - Z[pr[2], ])
    single(study, model, "contrasts", paste(pr, collapse = " - "), s$Estimate, s$`Std. Error`, s$df) }
  variances(study, model, m, list(id = "sd_person", facility = "sd_facility")) }
d <- sim; d$group <- with_reference(d$arm, "A"); facility("simulated_arms", d, c("A", "B", "C"))
net <- function(w) { s <- sim[sim$wave == w, ]; c(abst = "abstinent", drug = "drug_dominated", iso = "isolated")[s$network[order(s$id)]] }
y0 <- sim$y[sim$wave == "start"]; y2 <- sim$y[sim$wave == "year"]; g <- unname(change_group(net("start"), net("year")))
g[is.na(y0) | is.na(y2)] <- NA; d <- sim; d$group <- factor(g[d$id], c("drug_dominated", setdiff(four, "drug_dominated")))
facility("simulated_networks", d, four)

save(do.call(rbind, rows), "wave_study.csv")
writeLines(grep("^(BLAS|LAPACK|Matrix)", capture.output(sessionInfo()), invert = TRUE, value = TRUE),
           file.path(outputs, "wave_study_session.txt"))
