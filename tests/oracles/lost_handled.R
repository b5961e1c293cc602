# What is done about the lost of the 12-month study, by R: Rscript tests/oracles/lost_handled.R INPUTS OUTPUTS
# INPUTS from make_inputs.py (help.csv); OUTPUTS is this folder, which also holds the made facilities
# (clusters_help_facility.csv, from clusters.R). Written independently of the Python code.
suppressMessages({library(clubSandwich); library(mice); library(nnet)})
options(digits = 17, contrasts = c("contr.treatment", "contr.poly"))
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
save <- function(d, f) { num <- sapply(d, is.numeric)
  d[num] <- lapply(d[num], function(x) ifelse(is.na(x), NA, sprintf("%.15g", x)))
  write.csv(d, file.path(outputs, f), row.names = FALSE, quote = FALSE, na = "") }
h <- read.csv(file.path(inputs, "help.csv")); made <- read.csv(file.path(outputs, "clusters_help_facility.csv"))
miss <- is.na(h$PSS_FR) | is.na(h$PSS_FA) | is.na(h$O1B) | is.na(h$O1C)
h$net <- ifelse(miss, NA, ifelse(h$PSS_FR <= 3 & h$PSS_FA <= 3, "isolated",
                ifelse(h$O1B >= 3 | h$O1C >= 3, "drug_dominated", "abstinent")))
b <- h[h$TIME == 0 & !is.na(h$MCS), ]; f <- h[h$TIME == 12, ]; i <- match(b$ID, f$ID)
w <- data.frame(before = b$MCS, after = f$MCS[i], n0 = factor(b$net), n1 = factor(f$net[i]), AGE = b$AGE,
                facility = made$facility[match(b$ID, made$ID)])
levels4 <- c("drug_dominated", "maintained_abstinent", "gained_abstinent", "isolated")
grouped <- function(d) { n0 <- as.character(d$n0); n1 <- as.character(d$n1)
  g <- ifelse(n1 != "abstinent", n1, ifelse(n0 == "abstinent", "maintained_abstinent", "gained_abstinent"))
  factor(ifelse(is.na(n0) | is.na(n1), NA, g), levels4) }
w$group <- grouped(w); seen <- !is.na(w$after) & !is.na(w$group); known <- !is.na(w$n0)
rows <- list(); add <- function(...) rows[[length(rows) + 1]] <<- data.frame(...)
# weighted fits on the weighted scale; with a cluster of each person's own CR2 is HC2
fitted_to <- function(handling, model, d, weight, formula) for (errors in c("independent", "CR2")) {
  X <- model.matrix(formula, d); y <- model.response(model.frame(formula, d)); r <- sqrt(weight / mean(weight))
  wX <- r * X; wy <- r * y; m <- lm(wy ~ 0 + wX)
  cl <- if (errors == "CR2") d$facility else seq_len(nrow(d)); v <- vcovCR(m, cluster = cl, type = "CR2"); p <- ncol(X)
  key <- data.frame(handling, errors, model)
  C <- diag(p)[2:4, , drop = FALSE]; j <- as.data.frame(Wald_test(m, constraints = C, vcov = v, test = "HTZ"))
  add(key, term = "group", estimate = NA, std_error = NA, df = j$df_denom, statistic = j$Fstat, p_value = j$p_val)
  one <- function(term, K) { e <- as.data.frame(linear_contrast(m, vcov = v, contrasts = K, test = "Satterthwaite",
    p_values = TRUE)); add(key, term, estimate = e$Est, std_error = e$SE, df = e$df, statistic = e$Est / e$SE,
    p_value = e$p_val) }
  for (g in 2:4) one(sprintf("group[%s]", levels4[g]), diag(p)[g, , drop = FALSE])
  if (model == "change_score") for (g in 1:4) { K <- matrix(0, 1, p); K[c(1, g)] <- 1
    one(sprintf("mean_change[%s]", levels4[g]), K) } }
tight <- glm.control(epsilon = 1e-15, maxit = 100); start <- NULL
for (round in 1:3) { m <- glm(seen ~ before + n0 + AGE, binomial, cbind(w, seen)[known, ], control = tight, start = start)
  start <- coef(m) }
raw <- (mean(seen[known]) / fitted(m))[seen[known]]; ends <- quantile(raw, c(.01, .99)); weight <- pmin(pmax(raw, ends[1]), ends[2])
d <- w[seen, ]; d$change <- d$after - d$before
fitted_to("attrition_weights", "change_score", d, weight, change ~ group)
fitted_to("attrition_weights", "ancova", d, weight, after ~ group + before)
fitted_to("attrition_weights", "ancova_covariates", d, weight, after ~ group + before + AGE)
# the multinomial model of the group by Newton steps
X <- cbind(1, scale(d$before), scale(d$AGE)); Y <- model.matrix(~ 0 + d$group); B <- matrix(0, 3, 3)
for (step in 1:50) { E <- exp(cbind(0, X %*% B)); P <- E / rowSums(E)
  G <- as.vector(t(X) %*% (Y - P)[, -1])
  H <- do.call(rbind, lapply(2:4, function(a) do.call(cbind, lapply(2:4, function(c)
    t(X) %*% (X * (P[, a] * ((a == c) - P[, c])))))))
  B <- B + matrix(solve(H, G), 3) }
E <- exp(cbind(0, X %*% B)); P <- E / rowSums(E)
own <- (1 / rowSums(1 / P)) / P[cbind(seq_len(nrow(P)), as.integer(d$group))]
fitted_to("overlap_weights", "change_score", d, own, change ~ group)
save(do.call(rbind, rows), "lost_handled.csv")
# E-values: VanderWeele and Ding, by the interval of each difference over the spread within the groups
ev <- function(x) { x <- max(x, 1 / x); x + sqrt(x * (x - 1)) }
es <- do.call(rbind, lapply(c("change_score", "ancova"), function(model) {
  m <- if (model == "ancova") lm(after ~ group + before, d) else lm(change ~ group, d)
  s <- sigma(lm(if (model == "ancova") after ~ group else change ~ group, d)); ci <- confint(m)
  do.call(rbind, lapply(2:4, function(g) { e <- coef(m)[g] / s; l <- ci[g, 1] / s; u <- ci[g, 2] / s
    near <- if (e > 0) l else u
    data.frame(model, group = levels4[g], d = e, d_low = l, d_high = u, e_value = ev(exp(.91 * e)),
               e_value_limit = if (near * e <= 0) 1 else ev(exp(.91 * near))) })) }))
save(es, "lost_handled_e_values.csv")
# proper draws of categories, as in lost.R
mice.impute.polydraw <- function(y, ry, x, wy = NULL, ...) { if (is.null(wy)) wy <- !ry
  fit <- multinom(y[ry] ~ x[ry, ], Hess = TRUE, trace = FALSE, maxit = 500, reltol = 1e-10)
  drawn <- matrix(MASS::mvrnorm(1, as.vector(t(coef(fit))), vcov(fit)), ncol(x) + 1)
  e <- exp(cbind(0, cbind(1, x[wy, ]) %*% drawn)); p <- e / rowSums(e)
  levels(y)[1 + apply(t(apply(p, 1, cumsum)) < runif(nrow(p)), 1, sum)] }
im <- mice(w[c("before", "after", "n0", "n1", "AGE")], m = 200, maxit = 10, seed = 21, print = FALSE,
           method = c("", "norm", "polydraw", "polydraw", ""))
done <- lapply(1:200, function(i) { x <- complete(im, i); x$group <- grouped(x); x$change <- x$after - x$before; x })
pooled <- function(model, form) { fits <- lapply(done, function(x) lm(form, x))
  do.call(rbind, lapply(2:4, function(g) { p <- pool.scalar(sapply(fits, function(f) coef(f)[g]),
    sapply(fits, function(f) vcov(f)[g, g]), n = nrow(w), k = length(coef(fits[[1]])))
    data.frame(model, group = levels4[g], m = 200, estimate = p$qbar, within = p$ubar, between = p$b, df = p$df) })) }
save(rbind(pooled("change_score", change ~ group), pooled("ancova", after ~ group + before)), "lost_handled_imputation.csv")
writeLines(capture.output(sessionInfo()), file.path(outputs, "lost_handled_session.txt"))
