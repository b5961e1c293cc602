# Table 1 of two public data sets: Rscript descriptions.R FOLDER OUTPUT, FOLDER as make_inputs.py wrote it.
# Base R and MASS::ginv; the standardised difference of a category after Yang & Dalton (2012).
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
output <- arguments[2]

of_number <- function(x) {
  known <- x[!is.na(x)]
  c(n = length(known), n_missing = sum(is.na(x)), mean = mean(known), sd = sd(known),
    median = median(known), q1 = unname(quantile(known, 0.25)), q3 = unname(quantile(known, 0.75)))
}
d_number <- function(a, b) abs(mean(a, na.rm = TRUE) - mean(b, na.rm = TRUE)) /
  sqrt((var(a, na.rm = TRUE) + var(b, na.rm = TRUE)) / 2)
d_category <- function(a, b, levels) {
  p <- sapply(levels, function(level) mean(a == level))
  q <- sapply(levels, function(level) mean(b == level))
  s <- (diag(p) - p %o% p + diag(q) - q %o% q) / 2
  sqrt(drop((p - q) %*% MASS::ginv(s) %*% (p - q)))
}
largest <- function(values, group, distance) {
  pairs <- combn(sort(unique(group)), 2)
  max(apply(pairs, 2, function(pair) distance(values[group == pair[1]], values[group == pair[2]])))
}
describe_number <- function(data, name, variable, group) {
  sets <- c(list(all = data[[variable]]), split(data[[variable]], data[[group]]))
  rows <- do.call(rbind, lapply(sets, of_number))
  d <- c(largest(data[[variable]], data[[group]], d_number), rep(NA, nrow(rows) - 1))
  data.frame(data = name, variable = variable, level = "", group = rownames(rows), rows, count = NA,
             difference = d, row.names = NULL)
}
describe_category <- function(data, name, variable, group) {
  levels <- sort(unique(data[[variable]]))
  sets <- c(list(all = data[[variable]]), split(data[[variable]], data[[group]]))
  rows <- do.call(rbind, lapply(names(sets), function(g) data.frame(
    data = name, variable = variable, level = levels, group = g, n = length(sets[[g]]), n_missing = 0,
    mean = NA, sd = NA, median = NA, q1 = NA, q3 = NA,
    count = sapply(levels, function(level) sum(sets[[g]] == level)), difference = NA)))
  d <- largest(data[[variable]], data[[group]], function(a, b) d_category(a, b, levels))
  whole <- rows[1, ]
  whole$level <- ""
  whole$count <- NA
  whole$difference <- d
  rbind(whole, rows)
}

btheb <- read.csv(file.path(folder, "btheb.csv"), stringsAsFactors = FALSE)
anorexia <- read.csv(file.path(folder, "anorexia.csv"), stringsAsFactors = FALSE)
result <- rbind(
  describe_number(btheb, "btheb", "bdi.pre", "treatment"),
  describe_number(btheb, "btheb", "bdi.8m", "treatment"),
  describe_category(btheb, "btheb", "length", "treatment"),
  describe_number(anorexia, "anorexia", "Prewt", "Treat")
)
anorexia$weight <- ifelse(anorexia$Prewt < 80, "low", ifelse(anorexia$Prewt < 85, "mid", "high"))
result <- rbind(result, describe_category(anorexia, "anorexia", "weight", "Treat"))
write.csv(format(result, digits = 17, trim = TRUE), file.path(output, "descriptions.csv"), row.names = FALSE, quote = FALSE)
