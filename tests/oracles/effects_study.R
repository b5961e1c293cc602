# Effect sizes, responders, equivalence, permutation and the wild bootstrap of whole studies, by R:
# Rscript tests/oracles/effects_study.R INPUTS OUTPUTS
# INPUTS from make_inputs.py (help.csv); OUTPUTS is this folder, which also holds the made facilities
# (clusters_help_facility.csv) and the shared draws (effects_bootstrap_indices.csv). Takes about a minute.
# Written independently of the Python code.
suppressMessages({library(boot); library(coin); library(MASS)})
options(digits = 17)
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
save <- function(d, f) { num <- sapply(d, is.numeric)
  d[num] <- lapply(d[num], function(x) ifelse(is.na(x), NA, sprintf("%.15g", x)))
  write.csv(d, file.path(outputs, f), row.names = FALSE, quote = FALSE, na = "") }
set.seed(20261124)
h <- read.csv(file.path(inputs, "help.csv"))
made <- read.csv(file.path(outputs, "clusters_help_facility.csv"))
h$facility <- made$facility[match(h$ID, made$ID)]
miss <- is.na(h$PSS_FR) | is.na(h$PSS_FA) | is.na(h$O1B) | is.na(h$O1C)
h$net <- ifelse(miss, NA, ifelse(h$PSS_FR <= 3 & h$PSS_FA <= 3, "isolated",
                ifelse(h$O1B >= 3 | h$O1C >= 3, "drug_dominated", "abstinent")))
levels4 <- c("drug_dominated", "maintained_abstinent", "gained_abstinent", "isolated")
# a status that is made, so that there are strata: the rest of the id by three
study <- function(outcome) {
  b <- h[h$TIME == 0, ]; f <- h[h$TIME == 12, ]; i <- match(b$ID, f$ID)
  w <- data.frame(id = b$ID, before = b[[outcome]], after = f[[outcome]][i], n0 = b$net, n1 = f$net[i],
                  facility = b$facility, status = b$ID %% 3)
  w <- w[!is.na(w$before) & !is.na(w$after), ]
  w$group <- factor(ifelse(is.na(w$n0) | is.na(w$n1), NA, ifelse(w$n1 != "abstinent", w$n1,
              ifelse(w$n0 == "abstinent", "maintained_abstinent", "gained_abstinent"))), levels4)
  w$change <- w$after - w$before
  w$stratum <- factor(paste(w$facility, w$status)); w }
better <- c(MCS = 1, CES_D = -1); mcid <- c(MCS = 5, CES_D = 4)

J <- function(m) exp(lgamma(m / 2) - log(sqrt(m / 2)) - lgamma((m - 1) / 2))
ncp <- function(t, df, level = .95) {
  f <- function(p) uniroot(function(x) suppressWarnings(pt(t, df, x)) - p, c(-37, 37), tol = 1e-13, maxiter = 10000)$root
  c(f(1 - (1 - level) / 2), f((1 - level) / 2)) }
sp <- function(a, b) sqrt(((length(a) - 1) * var(a) + (length(b) - 1) * var(b)) / (length(a) + length(b) - 2))
sizes <- function(x, y) { d <- y - x
  c(d_z = mean(d) / sd(d), d_av = mean(d) / ((sd(x) + sd(y)) / 2), d_rm = mean(d) / sd(d) * sqrt(2 * (1 - cor(x, y))),
    d_b = mean(d) / sd(x)) }
between <- function(x, y, u, v) { diff <- mean(y - x) - mean(v - u)
  c(d_change = diff / sp(y - x, v - u), d_ppc2 = J(length(x) + length(u) - 2) * diff / sp(x, u)) }

# effect sizes; BCa limits by boot itself, from draws of its own: R = 9999 a group
R <- 9999; rows <- list()
add <- function(...) rows[[length(rows) + 1]] <<- data.frame(...)
for (outcome in c("MCS", "CES_D")) { w <- study(outcome)
  for (g in c("all", levels4)) { p <- if (g == "all") w else w[which(w$group == g), ]; n <- nrow(p)
    s <- sizes(p$before, p$after); l <- ncp(s["d_z"] * sqrt(n), n - 1) / sqrt(n); m <- J(n - 1)
    drawn <- boot(p[c("before", "after")], function(d, i) sizes(d$before[i], d$after[i]), R)
    for (e in names(s)) { ratio <- s[e] / s["d_z"]
      exact <- e %in% c("d_z", "d_av")
      k <- boot.ci(drawn, type = "bca", index = match(e, names(s)))$bca[4:5]
      for (f in c(1, m)) add(outcome, group = g, reference = "", effect = if (f == 1) e else sub("d", "g", e), n = n,
        estimate = s[[e]] * f, conf_low = if (exact) l[[1]] * ratio * f else NA, conf_high = if (exact) l[[2]] * ratio * f else NA,
        bca_low = k[1] * f, bca_high = k[2] * f, spread = sd(drawn$t[, match(e, names(s))]) * f) } }
  ref <- w[which(w$group == "drug_dominated"), ]
  for (g in levels4[-1]) { p <- w[which(w$group == g), ]; n <- nrow(p); k2 <- nrow(ref); df <- n + k2 - 2
    s <- between(p$before, p$after, ref$before, ref$after); root <- sqrt(n * k2 / (n + k2))
    l <- ncp(s["d_change"] * root, df) / root
    # the interval of d_ppc2 with Morris' variance, the correlation pooled within the groups
    r <- with(rbind(transform(p, before = before - mean(before), after = after - mean(after)),
                    transform(ref, before = before - mean(before), after = after - mean(after))),
              sum(before * after) / sqrt(sum(before^2) * sum(after^2)))
    d <- s[["d_ppc2"]]; q <- 1 / n + 1 / k2
    v <- 2 * J(df)^2 * (1 - r) * q * df / (df - 2) * (1 + d^2 / (2 * (1 - r) * q)) - d^2
    lim <- list(d_change = l, d_ppc2 = d + c(-1, 1) * qnorm(.975) * sqrt(v))
    both <- rbind(cbind(p[c("before", "after")], first = 1), cbind(ref[c("before", "after")], first = 0))
    drawn <- boot(both, function(d, i) { d <- d[i, ]; a <- d$first == 1
      between(d$before[a], d$after[a], d$before[!a], d$after[!a]) }, R, strata = both$first)
    for (e in names(s)) { L <- empinf(drawn, index = match(e, names(s)), type = "jack") / table(both$first)[as.character(both$first)]
      k <- boot.ci(drawn, type = "bca", index = match(e, names(s)), L = L)$bca[4:5]
      add(outcome, group = g, reference = "drug_dominated", effect = e, n = n + k2, estimate = s[[e]],
        conf_low = lim[[e]][[1]], conf_high = lim[[e]][[2]], bca_low = k[1], bca_high = k[2],
        spread = sd(drawn$t[, match(e, names(s))])) } } }
save(do.call(rbind, rows), "effects_study_sizes.csv")

# d_ppc2 and d_change on the shared draws of anorexia, as in effects.R
index <- as.matrix(read.csv(file.path(outputs, "effects_bootstrap_indices.csv"), header = FALSE)) + 1
one <- anorexia[anorexia$Treat == "FT", ]; two <- anorexia[anorexia$Treat == "Cont", ]; n1 <- nrow(one); n2 <- nrow(two)
u <- function(v) (nrow(as.matrix(v)) - 1) * (mean(v) - v) / length(v)
shared <- function(a, b) between(one$Prewt[a], one$Postwt[a], two$Prewt[b], two$Postwt[b])
t <- apply(index, 1, function(i) shared(i[1:n1], i[n1 + 1:n2])); t0 <- shared(1:n1, 1:n2)
left <- list(sapply(1:n1, function(i) { # without a person the correction would change, and the draws keep it
  s <- shared((1:n1)[-i], 1:n2); s["d_ppc2"] <- s["d_ppc2"] / J(n1 + n2 - 3) * J(n1 + n2 - 2); s }),
  sapply(1:n2, function(i) { s <- shared(1:n1, (1:n2)[-i]); s["d_ppc2"] <- s["d_ppc2"] / J(n1 + n2 - 3) * J(n1 + n2 - 2); s }))
save(do.call(rbind, lapply(names(t0), function(e) { L <- c(u(left[[1]][e, ]), u(left[[2]][e, ]))
  q <- boot:::bca.ci(NULL, .95, t0 = t0[[e]], t = t[e, ], L = L)
  data.frame(effect = e, estimate = t0[[e]], std_error = sd(t[e, ]), conf_low = q[4], conf_high = q[5]) })),
  "effects_study_shared.csv")

# responders: shares by prop.test, Newcombe's difference from its two intervals
rows <- list(); wilson <- function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE)$conf.int)
for (outcome in c("MCS", "CES_D")) { w <- study(outcome)
  errors <- list(mcid = NA)
  for (r in c(.7, .9)) { errors[[paste("reliable_change", r)]] <- sd(w$before) * sqrt(1 - r) * sqrt(2)
    errors[[paste("reliable_change_two_sds", r)]] <- sqrt((var(w$before) + var(w$after)) * (1 - r)) }
  for (c in names(errors)) { gain <- better[outcome] * w$change
    found <- if (c == "mcid") ifelse(gain >= mcid[outcome], "improved", ifelse(-gain >= mcid[outcome], "worse", "unchanged")) else
      ifelse(gain / errors[[c]] > 1.96, "improved", ifelse(gain / errors[[c]] < -1.96, "worse", "unchanged"))
    key <- strsplit(c, " ")[[1]]
    for (response in c("improved", "unchanged", "worse")) { x0 <- sum(found[which(w$group == "drug_dominated")] == response)
      n0 <- sum(w$group == "drug_dominated", na.rm = TRUE); b <- wilson(x0, n0); y <- x0 / n0
      for (g in c("all", levels4)) { here <- if (g == "all") rep(TRUE, nrow(w)) else w$group %in% g
        x <- sum(found[here] == response); n <- sum(here); a <- wilson(x, n); e <- x / n; other <- g %in% levels4[-1]
        add(outcome, criterion = key[1], reliability = if (c == "mcid") NA else as.numeric(key[2]),
          threshold = if (c == "mcid") mcid[[outcome]] else 1.96 * errors[[c]], group = g, response, n, count = x, estimate = e,
          conf_low = a[1], conf_high = a[2], difference = if (other) e - y else NA,
          difference_low = if (other) e - y - sqrt((e - a[1])^2 + (b[2] - y)^2) else NA,
          difference_high = if (other) e - y + sqrt((a[2] - e)^2 + (y - b[1])^2) else NA) } } } }
save(do.call(rbind, rows), "effects_study_responders.csv")

# equivalence: two one-sided Welch tests and the interval of level 90 %; the contrast of means by hand
rows <- list()
for (outcome in c("MCS", "CES_D")) { w <- study(outcome); w <- w[!is.na(w$group), ]; m <- mcid[[outcome]]
  ref <- w$change[w$group == "drug_dominated"]
  for (g in levels4[-1]) { y <- w$change[w$group == g]
    above <- t.test(y, ref, mu = -m, alternative = "greater"); below <- t.test(y, ref, mu = m, alternative = "less")
    ci <- t.test(y, ref, conf.level = .9)$conf.int
    add(outcome, term = paste(g, "- drug_dominated"), estimate = mean(y) - mean(ref), df = unname(above$parameter), conf_low = ci[1],
      conf_high = ci[2], p_value = max(above$p.value, below$p.value)) }
  k <- c(drug_dominated = -1/2, maintained_abstinent = 1/2, gained_abstinent = 1/2, isolated = -1/2)
  parts <- sapply(names(k), function(g) { y <- w$change[w$group == g]; c(mean(y), var(y) / length(y), length(y)) })
  v <- k^2 * parts[2, ]; est <- sum(k * parts[1, ]); se <- sqrt(sum(v)); df <- sum(v)^2 / sum(v^2 / (parts[3, ] - 1))
  add(outcome, term = "abstinent_against_rest", estimate = est, df = df, conf_low = est - qt(.95, df) * se,
    conf_high = est + qt(.95, df) * se,
    p_value = max(pt((est + m) / se, df, lower.tail = FALSE), pt((est - m) / se, df))) }
save(do.call(rbind, rows), "effects_study_tost.csv")

# permutation: a pair by coin within blocks; all groups by a loop over the F of lm
rows <- list(); draws <- 49999
for (outcome in c("MCS", "CES_D")) { w <- study(outcome); w <- w[!is.na(w$group), ]
  for (strata in c("none", "both")) {
    w$block <- if (strata == "none") factor(1) else droplevels(w$stratum)
    for (g in levels4[-1]) { p <- droplevels(w[w$group %in% c(g, "drug_dominated"), ])
      f <- if (strata == "none") change ~ group else change ~ group | block
      # coin takes no block of one person, who stays where he or she is anyway
      q <- droplevels(p[p$block %in% names(which(table(p$block) > 1)), ])
      test <- oneway_test(f, q, distribution = approximate(nresample = draws))
      fit <- if (strata == "none") lm(change ~ group, p) else lm(change ~ block + group, p)
      add(outcome, strata, term = paste(g, "- drug_dominated"), statistic = coef(fit)[[paste0("group", g)]],
        p_value = as.numeric(pvalue(test)), draws = draws) }
    X <- if (strata == "none") matrix(1, nrow(w), 1) else model.matrix(~ block, w)
    Q0 <- qr.Q(qr(X)); e <- w$change - Q0 %*% crossprod(Q0, w$change)
    # permuting the change within blocks is permuting the groups; what X explains is the same each time
    Q1 <- qr.Q(qr(cbind(X, model.matrix(~ group, w)[, -1])))[, ncol(X) + 1:3]
    between_of <- function(y) sum(crossprod(Q1, y)^2)
    at <- split(seq_len(nrow(w)), w$block); reached <- between_of(w$change) - 1e-9; hits <- 0
    for (i in 1:9999) { y <- w$change; for (b in at) if (length(b) > 1) y[b] <- y[b[sample.int(length(b))]]
      hits <- hits + (between_of(y) >= reached) }
    a <- if (strata == "none") anova(lm(change ~ group, w)) else anova(lm(change ~ block + group, w))
    add(outcome, strata, term = "group", statistic = a["group", "F value"], p_value = (1 + hits) / 10000, draws = 9999) } }
save(do.call(rbind, rows), "effects_study_permutation.csv")

# the wild cluster bootstrap-t with the null imposed and Webb's weights, draw by draw; limits by trying values
webb <- c(-sqrt(1.5), -1, -sqrt(.5), sqrt(.5), 1, sqrt(1.5))
wild <- function(X, y, cl, j, null, W) {
  X0 <- X[, -j, drop = FALSE]; b0 <- qr.coef(qr(X0), y - null * X[, j]); fit0 <- X0 %*% b0 + null * X[, j]; e0 <- y - fit0
  A <- solve(crossprod(X)); g <- match(cl, sort(unique(cl))); G <- max(g)
  tstat <- function(Y) { B <- A %*% crossprod(X, Y); E <- Y - X %*% B
    s <- sapply(seq_len(G), function(k) crossprod(X[g == k, , drop = FALSE] %*% A[, j], E[g == k, , drop = FALSE]))
    (B[j, ] - null) / sqrt(rowSums(matrix(s, ncol(Y))^2)) }
  t0 <- tstat(matrix(y)); t <- tstat(as.vector(fit0) + as.vector(e0) * t(W)[g, ])
  c(t0 * sqrt((G - 1) / G), (1 + sum(abs(t) >= abs(t0) * (1 - 1e-12))) / (ncol(t(W)) + 1)) }
rows <- list()
for (outcome in c("MCS", "CES_D")) { w <- study(outcome); w <- w[!is.na(w$group), ]; G <- length(unique(w$facility))
  W <- matrix(sample(webb, 9999 * G, TRUE), 9999)
  for (model in c("wild_change_score", "wild_ancova")) {
    f <- if (model == "wild_ancova") after ~ group + before else change ~ group
    X <- model.matrix(f, w); y <- model.response(model.frame(f, w)); b <- coef(lm(f, w))
    for (j in 2:4) { r <- wild(X, y, w$facility, j, 0, W)
      add(outcome, method = model, term = paste(levels4[j], "- drug_dominated"), estimate = b[[j]], statistic = r[1], p_value = r[2],
        draws = 9999) } } }
save(do.call(rbind, rows), "effects_study_wild.csv")
writeLines(capture.output(sessionInfo()), file.path(outputs, "effects_study_session.txt"))
