"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const shades = JSON.parse(byId("shades").textContent);
  const MOST_MATCHES = 12;
  const STEP = 0.6; // How much of the time shown one step of zoom leaves.

  function start() {
    const charts = Bokeh.documents[0];
    const named = (name) => charts.get_model_by_name(name);
    const runs = [];
    for (let number = 0; named(`tests-${number}`) != null; number++) {
      runs.push({
        tests: named(`tests-${number}`),
        bars: named(`bars-${number}`),
        shades: named(`shades-${number}`),
        words: named(`tests-${number}`).tags[0],
      });
    }
    const time = named("time");
    const whole = [time.start, time.end];

    // Light and dark

    function show(theme) {
      document.documentElement.dataset.theme = theme;
      byId("theme").setAttribute("aria-pressed", String(theme === "dark"));
      const style = getComputedStyle(document.documentElement);
      const [page, text, line] = ["--page", "--text", "--line"].map((name) => style.getPropertyValue(name).trim());
      for (const run of runs) run.shades.palette = shades[theme];
      for (const chart of charts.roots()) {
        chart.setv({ background_fill_color: page, border_fill_color: page, outline_line_color: line });
        chart.title.text_color = text;
        const axes = [...chart.left, ...chart.below].filter((one) => "axis_label" in one.attributes);
        for (const axis of axes) {
          axis.setv({
            axis_label_text_color: text, major_label_text_color: text, axis_line_color: text,
            major_tick_line_color: text, minor_tick_line_color: line,
          });
        }
        for (const grid of chart.center) if ("grid_line_color" in grid.attributes) grid.grid_line_color = line;
        for (const legend of [...chart.center, ...chart.below]) {
          if ("label_text_color" in legend.attributes) {
            legend.setv({ label_text_color: text, background_fill_color: page, border_line_color: line });
          }
        }
      }
      describe();
    }
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => show(dark.matches ? "dark" : "light"));
    byId("theme").addEventListener("click", () => {
      show(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    });

    // Colours and what they mean

    function describe() {
      const by = byId("colour-by").value;
      const palette = shades[document.documentElement.dataset.theme ?? "light"];
      const labels = new Map();
      for (const { tests, words } of runs) {
        const shade = tests.data[`by_${by}`];
        const names = { module: words.modules, outcome: words.outcomes, claim: words.claims }[by];
        const column = tests.data[by];
        const used = new Map();
        for (let row = 0; row < column.length; row++) used.set(column[row], shade[row]);
        for (const [number, one] of used) {
          if (!labels.has(one)) labels.set(one, new Set());
          labels.get(one).add(names[number]);
        }
      }
      const legend = byId("legend");
      legend.replaceChildren();
      for (const [shade, names] of [...labels].sort(([one], [other]) => one - other)) {
        const entry = document.createElement("span");
        const swatch = document.createElement("i");
        swatch.style.background = palette[shade];
        const [first] = names;
        entry.append(swatch, names.size > 1 ? `${first} and ${names.size - 1} more` : first);
        legend.append(entry);
      }
    }
    byId("colour-by").addEventListener("change", (event) => {
      for (const { bars } of runs) {
        const spec = bars.glyph.fill_color;
        const field = `by_${event.target.value}`;
        bars.glyph.fill_color = { ...spec, field };
        bars.nonselection_glyph.fill_color = { ...spec, field };
        bars.selection_glyph.fill_color = { ...spec, field };
      }
      describe();
    });

    // Time

    function look(since, until) {
      const wide = Math.min(Math.max(until - since, 1e-4), whole[1] - whole[0]);
      const from = Math.min(Math.max(since, whole[0]), whole[1] - wide);
      time.setv({ start: from, end: from + wide });
    }
    const zoom = (share) => {
      const [middle, half] = [(time.start + time.end) / 2, (time.end - time.start) / 2 * share];
      look(middle - half, middle + half);
    };
    const move = (share) => {
      const step = (time.end - time.start) * share;
      look(time.start + step, time.end + step);
    };
    const moves = {
      "zoom-in": () => zoom(STEP), "zoom-out": () => zoom(1 / STEP),
      earlier: () => move(-0.25), later: () => move(0.25), whole: () => look(...whole),
    };
    for (const [id, action] of Object.entries(moves)) byId(id).addEventListener("click", action);
    const keys = {
      "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", ArrowLeft: "earlier", ArrowRight: "later", 0: "whole",
    };
    for (const chart of document.querySelectorAll(".chart.time")) {
      chart.addEventListener("keydown", (event) => {
        const action = moves[keys[event.key]];
        if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        action();
      });
    }

    // Search

    const seconds = (value) => (Number.isNaN(value) ? "not known" : `${value.toFixed(3)} s`);
    const nodeId = ({ tests, words }, row) => `${words.modules[tests.data.module[row]]}::${tests.data.name[row]}`;
    function tell(run, row) {
      const { data } = run.tests;
      byId("found").textContent =
        `${nodeId(run, row)}: ${run.words.outcomes[data.outcome[row]]}, took ${seconds(data.took_s[row])}, ` +
        `predicted ${seconds(data.predicted_s[row])}, from ${seconds(data.since_s[row])} on slot ` +
        `${data.slot[row]} (${run.words.workers[data.worker[row]]}), claims ${run.words.claims[data.claim[row]]}`;
      const [since, until] = [data.since_s[row], data.until_s[row]];
      look(since - 2 * (until - since), until + 2 * (until - since));
    }
    function search() {
      const wanted = byId("search").value.trim().toLowerCase();
      const matches = byId("matches");
      matches.replaceChildren();
      let total = 0;
      for (const run of runs) {
        const rows = [];
        if (wanted) {
          for (let row = 0; row < run.tests.data.name.length; row++) {
            if (nodeId(run, row).toLowerCase().includes(wanted)) rows.push(row);
          }
        }
        total += rows.length;
        run.tests.selected.indices = rows;
        for (const row of rows.slice(0, MOST_MATCHES - matches.children.length)) {
          const item = document.createElement("li");
          const button = document.createElement("button");
          button.type = "button";
          button.textContent = nodeId(run, row);
          button.addEventListener("click", () => tell(run, row));
          item.append(button);
          matches.append(item);
        }
      }
      byId("found").textContent = wanted ? `${total.toLocaleString("en")} found` : "";
    }
    let typed;
    byId("search").addEventListener("input", () => {
      clearTimeout(typed);
      typed = setTimeout(search, 150);
    });
    byId("controls").addEventListener("submit", (event) => event.preventDefault());

    // Charts come as light as they are to be: to draw them again takes half of the time until here.
    if (dark.matches) show("dark");
    else describe();
    document.documentElement.dataset.ready = "yes";
  }

  const wait = () => (Bokeh.documents.length && Bokeh.documents[0].is_idle ? start() : requestAnimationFrame(wait));
  wait();
})();
