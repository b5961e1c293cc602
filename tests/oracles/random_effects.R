# Random-effects means by DerSimonian and Laird with Knapp and Hartung's interval, and the prediction interval.
library(metafor)
one <- function(name, y, v) {
  m <- rma(y, v, method = "DL", test = "knha")
  p <- predict(m)
  data.frame(data = name, y = paste(y, collapse = " "), v = paste(v, collapse = " "),
    estimate = m$b[1], conf_low = m$ci.lb, conf_high = m$ci.ub, tau_squared = m$tau2, i_squared = m$I2 / 100,
    q = m$QE, q_p_value = m$QEp, prediction_low = p$pi.lb, prediction_high = p$pi.ub)
}
found <- rbind(
  one("four", c(0.1, 0.35, 0.62, 0.21), c(0.01, 0.02, 0.015, 0.004)),
  one("alike", c(0.30, 0.31, 0.29), c(0.02, 0.01, 0.03)),
  one("two", c(0.1, 0.9), c(0.02, 0.05)),
  one("eight", c(-0.2, 0.1, 0.3, 0.5, 0.45, 0.8, 0.05, 0.33), c(0.03, 0.01, 0.02, 0.05, 0.008, 0.04, 0.02, 0.015))
)
write.csv(format(found, digits = 15), "random_effects.csv", row.names = FALSE, quote = FALSE)
writeLines(capture.output(sessionInfo()), "random_effects_session.txt")
