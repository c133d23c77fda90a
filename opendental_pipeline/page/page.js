"use strict";
(() => {
  const MINUTE = 60_000;
  const { at, began, hours, name } = document.body.dataset;
  const longest = hours * 60 * MINUTE;
  const find = (selector, place = document) => [...place.querySelectorAll(selector)];
  const id = (one) => document.getElementById(one);

  // ages

  const times = find("time").map((element) => ({
    element,
    moment: Date.parse(element.dateTime),
    utc: element.textContent,
    inTable: element.closest("#tables") !== null,
  }));

  function ago(milliseconds) {
    const minutes = Math.max(0, Math.floor(milliseconds / MINUTE));
    if (minutes < 120) return `${minutes} min ago`;
    return minutes < 72 * 60 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1440)} days ago`;
  }

  function showAges() {
    for (const { element, moment, utc, inTable } of times) {
      const age = ago(Date.now() - moment);
      element.textContent = inTable ? (id("utc").checked ? utc : age) : `${utc}, ${age}`;
      element.title = inTable ? `${utc} UTC, ${age}` : "";
    }
  }

  // what is wrong by now, though nobody wrote it here

  const rows = find("#tables tbody tr");
  const isTooOld = (moment) => Date.now() - Date.parse(moment) > longest;
  const verdict = id("verdict");
  const written = { ill: document.body.className === "ill", summary: verdict.textContent };
  const isOverdueAnyway = !id("no-run").hidden;

  function becameStale() {
    const LOADED = 2;
    let count = 0;
    for (const row of rows) {
      const time = row.cells[LOADED].querySelector("time");
      if (!time || !isTooOld(time.dateTime) || (states(row).includes("stale") && !row.dataset.stale)) continue;
      count += 1;
      if (row.dataset.stale) continue;
      row.dataset.stale = "since";
      if (states(row).every((state) => state === "drifted")) row.cells[1].textContent = "";
      row.cells[1].append(" ", Object.assign(document.createElement("b"), { className: "bad", textContent: "stale" }));
    }
    return count;
  }

  function judge() {
    const stale = becameStale();
    const isOverdue = isTooOld(began) && !isOverdueAnyway;
    const isOld = isTooOld(at);
    if (!stale && !isOverdue && !isOld) return;
    id("no-run").hidden &&= !isOverdue;
    id("no-page").hidden = !isOld;
    id("stale").hidden = !stale;
    const tables = `${stale.toLocaleString("en")} ${stale === 1 ? "table is" : "tables are"} stale`;
    id("stale").firstElementChild.textContent = tables;
    id("overdue").hidden = false;
    const parts = [isOverdue && "a run is overdue", stale && tables, written.ill && written.summary];
    verdict.textContent = parts.filter(Boolean).join("; ") || "nobody writes this page any more";
    document.title = `✗ ${verdict.textContent} · ${name}`;
    document.body.className = "ill";
    const icon = document.querySelector("link[rel=icon]");
    icon.href = icon.dataset.ill;
  }

  // tables: found and sorted

  const states = (row) => find("b", row).map((badge) => badge.textContent);

  function filter() {
    const wanted = id("name").value.trim().toLowerCase();
    const state = id("state").value;
    let shown = 0;
    for (const row of rows) {
      const some = states(row);
      const fits = !state || (state === "well" ? some.length === 0 : some.includes(state));
      row.hidden = !(fits && row.cells[0].textContent.toLowerCase().includes(wanted));
      shown += !row.hidden;
    }
    id("count").textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} tables`;
  }

  function keyOf(row, column, kind) {
    const cell = row.cells[column];
    if (kind === "state") return Math.min(...states(row).map(rank), ORDER.length);
    if (kind === "number") return cell.textContent ? parseFloat(cell.textContent.replaceAll(",", "")) : null;
    return cell.querySelector("time")?.dateTime ?? (cell.textContent || null);
  }

  const ORDER = find("#state option").map((option) => option.value).slice(2);
  const rank = (state) => ORDER.indexOf(state);

  function sort(header) {
    const isDown = header.ariaSort === "ascending";
    const keyed = rows.map((row) => [keyOf(row, header.cellIndex, header.dataset.kind), row]);
    keyed.sort(([a], [b]) => {
      // what says nothing comes last, whatever the direction
      if (a === null || b === null) return (a === null) - (b === null);
      return (a < b ? -1 : a > b ? 1 : 0) * (isDown ? -1 : 1);
    });
    id("tables").tBodies[0].append(...keyed.map(([, row]) => row));
    for (const one of header.parentElement.cells) one.ariaSort = null;
    header.ariaSort = isDown ? "descending" : "ascending";
  }

  if (rows.length) {
    for (const header of find("#tables thead th")) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      button.addEventListener("click", () => sort(header));
      header.append(button);
    }
    id("filter").hidden = false;
    id("filter").addEventListener("input", () => { filter(); showAges(); });
    id("filter").addEventListener("submit", (event) => event.preventDefault());
    filter();
  }

  function tick() {
    showAges();
    judge();
    if (rows.length) filter();
  }
  tick();
  setInterval(tick, MINUTE);
})();
