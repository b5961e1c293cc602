# Who was lost in the 12-month study, as lost.csv shows it: Rscript tests/oracles/lost_study.R INPUTS OUTPUTS
# INPUTS from make_inputs.py (help.csv); OUTPUTS is this folder. Written independently of the Python code.
options(digits = 17)
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
h <- read.csv(file.path(inputs, "help.csv"))
b <- h[h$TIME == 0 & !is.na(h$MCS), ]; f <- h[h$TIME == 12, ]
lost <- as.integer(is.na(f$MCS[match(b$ID, f$ID)]))
net <- ifelse(is.na(b$PSS_FR) | is.na(b$PSS_FA) | is.na(b$O1B) | is.na(b$O1C), NA,
       ifelse(b$PSS_FR <= 3 & b$PSS_FA <= 3, "isolated", ifelse(b$O1B >= 3 | b$O1C >= 3, "drug_dominated", "abstinent")))
x <- data.frame(term = c("baseline", rep("network", 3), "AGE", "GROUP", "GROUP"),
                level = c("", "abstinent", "drug_dominated", "isolated", "", "0", "1"))
v <- list(b$MCS, net == "abstinent", net == "drug_dominated", net == "isolated", b$AGE, b$GROUP == 0, b$GROUP == 1)
binary <- x$level != ""
rows <- lapply(seq_along(v), function(i) { a <- as.numeric(v[[i]]); p <- a[lost == 1 & !is.na(a)]; q <- a[lost == 0 & !is.na(a)]
  s <- function(y) if (binary[i]) sqrt(mean(y) * (1 - mean(y))) else sd(y)
  d <- (mean(p) - mean(q)) / sqrt((s(p)^2 + s(q)^2) / 2); n <- length(p); m <- length(q)
  e <- qnorm(.975) * sqrt((n + m) / (n * m) + d^2 / (2 * (n + m)))
  data.frame(x[i, ], n_lost = n, n_seen = m, lost_mean = mean(p), lost_sd = s(p), seen_mean = mean(q), seen_sd = s(q),
             d_rms = d, d_rms_low = d - e, d_rms_high = d + e) })
d <- do.call(rbind, rows)
# the deviance settles before the coefficients do: two more rounds from where it ended
tight <- glm.control(epsilon = 1e-15, maxit = 100); start <- NULL
for (i in 1:3) { m <- glm(lost ~ MCS + factor(net) + AGE + factor(GROUP), binomial, cbind(b, net, lost), control = tight,
                          start = start); start <- coef(m) }
co <- summary(m)$coefficients[-1, ]; ci <- confint.default(m)[-1, ]
place <- c(1, 3, 4, 5, 7)
d$n_model <- length(m$y); d[c("odds_ratio", "odds_ratio_low", "odds_ratio_high", "p_value")] <- NA
d$odds_ratio[place] <- exp(co[, 1]); d$odds_ratio_low[place] <- exp(ci[, 1]); d$odds_ratio_high[place] <- exp(ci[, 2])
d$p_value[place] <- co[, 4]
num <- sapply(d, is.numeric); d[num] <- lapply(d[num], function(x) ifelse(is.na(x), NA, sprintf("%.15g", x)))
write.csv(d, file.path(outputs, "lost_study.csv"), row.names = FALSE, quote = FALSE, na = "")
