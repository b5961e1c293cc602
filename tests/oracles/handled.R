# Change groups of HELPfull compared with weights against attrition: Rscript tests/oracles/handled.R INPUTS OUTPUTS
# INPUTS from make_inputs.py (help.csv); OUTPUTS is this folder. Written independently of the Python code.
suppressMessages(library(clubSandwich)); options(digits = 17)
args <- commandArgs(TRUE); inputs <- args[1]; outputs <- args[2]
h <- read.csv(file.path(inputs, "help.csv"))
net <- function(x) ifelse(is.na(x$PSS_FR) | is.na(x$PSS_FA) | is.na(x$O1B) | is.na(x$O1C), NA,
       ifelse(x$PSS_FR <= 3 & x$PSS_FA <= 3, "isolated", ifelse(x$O1B >= 3 | x$O1C >= 3, "drug_dominated", "abstinent")))
b <- h[h$TIME == 0 & !is.na(h$MCS), ]; f <- h[h$TIME == 12, ]; f <- f[match(b$ID, f$ID), ]
d <- data.frame(id = b$ID, before = b$MCS, after = f$MCS, net0 = net(b), net1 = net(f), age = b$AGE, arm = b$GROUP)
d$group <- ifelse(is.na(d$net0) | is.na(d$net1), NA, ifelse(d$net1 != "abstinent", d$net1,
           ifelse(d$net0 == "abstinent", "maintained_abstinent", "gained_abstinent")))
d$seen <- !is.na(d$after) & !is.na(d$group)
d <- d[!is.na(d$net0), ]; d$age[is.na(d$age)] <- mean(d$age, na.rm = TRUE)
tight <- glm.control(epsilon = 1e-15, maxit = 100); start <- NULL
for (i in 1:3) { m <- glm(seen ~ before + factor(net0) + age + factor(arm), binomial, d, control = tight, start = start)
  start <- coef(m) }
s <- d[d$seen, ]; w <- mean(d$seen) / fitted(m)[d$seen]; q <- quantile(w, c(.01, .99)); w <- pmin(pmax(w, q[1]), q[2])
s$group <- relevel(factor(s$group), "drug_dominated"); s$site <- s$id %% 21
fit <- function(model, y, x, cluster, type, errors) { X <- model.matrix(~ group, s); if (!is.null(x)) X <- cbind(X, x)
  l <- lm(I(sqrt(w) * y) ~ 0 + I(sqrt(w) * X)); v <- vcovCR(l, cluster = cluster, type = type)
  t <- coef_test(l, vcov = v, test = "Satterthwaite")[2:4, ]; e <- qt(.975, t$df_Satt) * t$SE
  data.frame(model = model, errors = errors, group = sub("group", "", levels(s$group)[-1]), n = nrow(s), n_entered = nrow(d),
             effective_n = sum(w)^2 / sum(w^2), estimate = t$beta, std_error = t$SE, df = t$df_Satt, p_value = t$p_Satt,
             conf_low = t$beta - e, conf_high = t$beta + e) }
r <- rbind(fit("change_score", s$after - s$before, NULL, s$id, "CR2", "independent"),
           fit("ancova", s$after, s$before, s$id, "CR2", "independent"),
           fit("change_score", s$after - s$before, NULL, s$site, "CR2", "CR2"),
           fit("ancova", s$after, s$before, s$site, "CR2", "CR2"),
           fit("ancova", s$after, s$before, s$site, "CR3", "CR3"))
num <- sapply(r, is.numeric); r[num] <- lapply(r[num], function(x) sprintf("%.15g", x))
write.csv(r, file.path(outputs, "handled_weights.csv"), row.names = FALSE, quote = FALSE)
