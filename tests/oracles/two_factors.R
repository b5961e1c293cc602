# Two correlated factors by lavaan, on answers made here. Rscript two_factors.R OUTPUT
library(lavaan)
out <- commandArgs(TRUE)[1]
set.seed(20)
make <- function(n, k, extra) {
  f1 <- rnorm(n); f2 <- 0.6 * f1 + 0.8 * rnorm(n); m <- rnorm(n)
  y <- sapply(1:10, function(i) 0.65 * (if (i <= 5) f1 else f2) + extra * (i %in% c(1, 2, 6)) * m + 0.7 * rnorm(n))
  y <- if (k > 0) apply(y, 2, function(v) as.integer(cut(v, c(-Inf, -1, -0.3, 0.4, 1.1, Inf)))) else round(y, 4)
  colnames(y) <- paste0("q", 1:10)
  as.data.frame(y)
}
data <- list(cut = make(531, 5, 0.5), clean = make(300, 0, 0), small = make(60, 5, 0.3))
second <- list(cut = 6:10, clean = 6:10, small = 6:10)
inputs <- do.call(rbind, lapply(names(data), function(d) cbind(set = d, data[[d]])))
write.csv(inputs, file.path(out, "two_factors_inputs.csv"), row.names = FALSE)
rows <- do.call(rbind, lapply(names(data), function(d) {
  model <- "a =~ q1 + q2 + q3 + q4 + q5\n b =~ q6 + q7 + q8 + q9 + q10"
  fit <- cfa(model, data[[d]], std.lv = TRUE)
  m <- fitMeasures(fit)
  s <- standardizedSolution(fit)
  names_ <- c("n", "chi_square", "df", "rmsea", "rmsea_low", "rmsea_high", "cfi", "nfi", "correlation", paste0("loading_q", 1:10))
  values <- c(nobs(fit), m[c("chisq", "df", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "cfi", "nfi")],
              s$est.std[s$op == "~~" & s$lhs == "a" & s$rhs == "b"], s$est.std[s$op == "=~"])
  data.frame(set = d, term = names_, value = format(unname(values), digits = 15))
}))
write.csv(rows, file.path(out, "two_factors.csv"), row.names = FALSE)
writeLines(capture.output(sessionInfo()), file.path(out, "two_factors_session.txt"))
