"use strict";
(() => {
  const MINUTE = 60_000;
  const { at, hours } = document.body.dataset;
  const longest = hours * 60 * MINUTE;
  const isTooOld = (moment) => Date.now() - Date.parse(moment) > longest;
  const times = [...document.querySelectorAll("time")].map((element) => ({ element, utc: element.textContent }));

  function ago(milliseconds) {
    const minutes = Math.max(0, Math.floor(milliseconds / MINUTE));
    if (minutes < 120) return `${minutes} min ago`;
    return minutes < 72 * 60 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1440)} days ago`;
  }

  function tick() {
    for (const { element, utc } of times) {
      element.textContent = `${utc}, ${ago(Date.now() - Date.parse(element.dateTime))}`;
    }
    let overdue = 0;
    for (const row of document.querySelectorAll("tbody tr")) {
      if (!row.dataset.began || !isTooOld(row.dataset.began)) continue;
      overdue += 1;
      if (row.dataset.overdue) continue;
      row.dataset.overdue = "since";
      row.cells[1].prepend(Object.assign(document.createElement("b"), { className: "bad", textContent: "overdue" }), " ");
    }
    const isOld = isTooOld(at);
    document.getElementById("overdue").hidden = !isOld;
    if (!overdue && !isOld) return;
    const verdict = overdue ? `${overdue} ${overdue === 1 ? "clinic is" : "clinics are"} overdue` : "nobody writes this page any more";
    document.getElementById("verdict").textContent = verdict;
    document.title = `✗ ${verdict}`;
    document.body.className = "ill";
  }
  tick();
  setInterval(tick, MINUTE);
})();
