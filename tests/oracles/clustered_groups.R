# The models of a study with errors for clusters, by clubSandwich: Rscript tests/oracles/clustered_groups.R INPUTS OUTPUTS
# INPUTS from make_inputs.py (help.csv); OUTPUTS is this folder, which also holds the made facilities
# (clusters_help_facility.csv, from clusters.R). Written independently of the Python code.
suppressMessages(library(clubSandwich))
options(digits = 17, contrasts = c("contr.treatment", "contr.poly"))
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
h <- read.csv(file.path(inputs, "help.csv"))
made <- read.csv(file.path(outputs, "clusters_help_facility.csv"))
h$facility <- made$facility[match(h$ID, made$ID)]
miss <- is.na(h$PSS_FR) | is.na(h$PSS_FA) | is.na(h$O1B) | is.na(h$O1C)
h$net <- ifelse(miss, NA, ifelse(h$PSS_FR <= 3 & h$PSS_FA <= 3, "isolated",
                ifelse(h$O1B >= 3 | h$O1C >= 3, "drug_dominated", "abstinent")))
levels4 <- c("drug_dominated", "maintained_abstinent", "gained_abstinent", "isolated")
rows <- list()
add <- function(...) rows[[length(rows) + 1]] <<- data.frame(...)
estimate <- function(key, term, m, v, C) {
  e <- as.data.frame(linear_contrast(m, vcov = v, contrasts = C, test = "Satterthwaite", p_values = TRUE))
  add(key, term, estimate = e$Est, std_error = e$SE, df_num = NA, df = e$df, statistic = e$Est / e$SE,
      p_value = e$p_val, conf_low = e$CI_L, conf_high = e$CI_U) }
joint <- function(key, term, m, v, C) {
  w <- as.data.frame(Wald_test(m, constraints = C, vcov = v, test = "HTZ"))
  add(key, term, estimate = NA, std_error = NA, df_num = w$df_num, df = w$df_denom, statistic = w$Fstat,
      p_value = w$p_val, conf_low = NA, conf_high = NA) }
for (outcome in c("MCS", "CES_D")) for (kind in c("CR2", "CR3")) {
  b <- h[h$TIME == 0, ]; f <- h[h$TIME == 12, ]; i <- match(b$ID, f$ID)
  w <- data.frame(before = b[[outcome]], after = f[[outcome]][i], n0 = b$net, n1 = f$net[i], AGE = b$AGE, A1 = b$A1,
                  facility = b$facility)
  w <- w[complete.cases(w[c("before", "after", "n0", "n1")]), ]
  w$group <- factor(ifelse(w$n1 != "abstinent", w$n1,
                           ifelse(w$n0 == "abstinent", "maintained_abstinent", "gained_abstinent")), levels4)
  w$change <- w$after - w$before; w$mid <- (w$after + w$before) / 2
  forms <- list(change_score = change ~ group, ancova = after ~ group + before,
                ancova_covariates = after ~ group + before + AGE + A1)
  for (name in names(forms)) {
    m <- lm(forms[[name]], w); v <- vcovCR(m, cluster = w$facility, type = kind); p <- length(coef(m))
    key <- data.frame(outcome, errors = kind, model = name)
    C <- diag(p)[2:4, ]; joint(key, "group", m, v, C)
    terms <- c("intercept", sprintf("group[%s]", levels4[-1]), sub("before", "baseline", names(coef(m))[-(1:4)]))
    for (j in seq_len(p)) estimate(key, terms[j], m, v, diag(p)[j, , drop = FALSE])
    at <- colMeans(model.matrix(m)); at[2:4] <- 0
    for (g in 1:4) { a <- at; if (g > 1) a[g] <- 1
      estimate(key, sprintf("adjusted_mean[%s]", levels4[g]), m, v, matrix(a, 1)) }
    for (one in 1:3) for (two in (one + 1):4) { a <- rep(0, p); a[two] <- 1; if (one > 1) a[one] <- -1
      estimate(key, sprintf("%s - %s", levels4[two], levels4[one]), m, v, matrix(a, 1)) }
  }
  key <- data.frame(outcome, errors = kind, model = "rm_glm")
  for (part in c("change", "mid")) {
    m <- lm(reformulate("0 + group", part), w); v <- vcovCR(m, cluster = w$facility, type = kind)
    alike <- cbind(-1, diag(3))
    joint(key, if (part == "change") "time:group" else "group", m, v, alike)
    if (part == "change") {
      joint(key, "time", m, v, matrix(.25, 1, 4))
      joint(key, "time_weighted", m, v, matrix(as.numeric(table(w$group)) / nrow(w), 1)) }
  }
}
d <- do.call(rbind, rows); num <- sapply(d, is.numeric)
d[num] <- lapply(d[num], function(x) ifelse(is.na(x), NA, sprintf("%.15g", x)))
write.csv(d, file.path(outputs, "clustered_groups.csv"), row.names = FALSE, quote = FALSE, na = "")
