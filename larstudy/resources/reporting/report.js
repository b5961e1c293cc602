(function () {
  "use strict";
  var reports = Array.prototype.slice.call(document.querySelectorAll(".report"));

  function show(lang, focus) {
    reports.forEach(function (report) {
      report.hidden = report.lang !== lang;
      if (report.lang === lang) {
        document.documentElement.lang = lang;
        document.title = report.dataset.title;
        if (focus) { report.querySelector("button[data-lang='" + lang + "']").focus(); }
      }
    });
  }

  function sectionOf(hash) {
    var found = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    return found ? found.closest(".report") : null;
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-lang]");
    if (button) { show(button.dataset.lang, true); }
  });

  // A link into the page leads to the language that it was made in.
  function follow() {
    var report = sectionOf(window.location.hash);
    if (report && report.hidden) {
      show(report.lang, false);
      document.getElementById(decodeURIComponent(window.location.hash.slice(1))).scrollIntoView();
    }
  }
  window.addEventListener("hashchange", follow);
  follow();

  // On paper everything is unfolded.
  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    folded.forEach(function (details) { details.open = true; });
  });
  window.addEventListener("afterprint", function () {
    folded.forEach(function (details) { details.open = false; });
    folded = [];
  });
}());
