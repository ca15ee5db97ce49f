// Follows a build: asks every second how it is doing, and opens its results when it has ended.
"use strict";

(() => {
  const page = document.getElementById("run-progress");
  if (!page || page.dataset.ended === "yes") return;

  const field = (name) => page.querySelector(`[data-field="${name}"]`);
  const say = (name, text) => {
    const place = field(name);
    if (place) place.textContent = text;
  };

  // A line that is there only when it has something to say.
  const tell = (name, text) => {
    say(name, text);
    field(name).hidden = !text;
  };

  const show = (progress) => {
    say("label", progress.label);
    say("stage", progress.stage || "–");
    say("percent", progress.percent);
    say("cost", progress.cost || "–");
    say("attempt", progress.attempt);
    tell("lateness", progress.course.lateness);
    tell("note", progress.course.note);
    tell("finishing", progress.finishing);
    if (field("finish")) field("finish").hidden = !progress.is_running || Boolean(progress.finishing);
    document.getElementById("course-chart").dispatchEvent(new CustomEvent("dl-course", { detail: progress.course }));
    field("bar").value = progress.percent;
    field("bar").parentElement.setAttribute("aria-valuenow", progress.percent);
  };

  const ask = async () => {
    let ended = false;
    try {
      const answer = await fetch(page.dataset.url, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const progress = await answer.json();
      field("trouble").hidden = true;
      show(progress);
      ended = progress.ended;
    } catch {
      field("trouble").hidden = false;
    }
    if (ended) window.location.reload();
    else window.setTimeout(ask, 1000);
  };

  window.setTimeout(ask, 500);
})();
