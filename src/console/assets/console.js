// The live stream, and times in the reader's own zone. Everything else works without it.
(function () {
  "use strict";

  var pad = function (n) { return (n < 10 ? "0" : "") + n; };
  function localise(root) {
    root.querySelectorAll("time.when").forEach(function (time) {
      var at = new Date(time.dateTime);
      if (isNaN(at)) { return; }
      var today = at.toDateString() === new Date().toDateString();
      time.firstElementChild.textContent = today ? "" :
        at.getFullYear() + "-" + pad(at.getMonth() + 1) + "-" + pad(at.getDate());
      time.lastElementChild.textContent =
        pad(at.getHours()) + ":" + pad(at.getMinutes()) + ":" + pad(at.getSeconds());
    });
  }
  localise(document);

  var live = document.getElementById("live");
  if (!live || !window.EventSource) { return; }
  var ROWS_MAX = 200;
  var state = document.getElementById("stream-state");
  var stream = new EventSource(live.dataset.stream);
  function say(text, on) { state.textContent = text; state.classList.toggle("on", on); }
  say("Connecting …", false);
  stream.onopen = function () { say("Live: new things appear by themselves", true); };
  stream.onerror = function () {
    say(stream.readyState === EventSource.CLOSED
      ? "The stream ended: reload the page" : "Interrupted, connecting again …", false);
  };
  stream.addEventListener("row", function (event) {
    var empty = document.getElementById("live-empty");
    if (empty) { empty.remove(); }
    var fresh = document.createElement("tbody");
    fresh.innerHTML = event.data;
    var row = fresh.firstElementChild;
    var known = live.querySelector('[data-id="' + CSS.escape(row.dataset.id) + '"]');
    if (known) { known.replaceWith(row); } else { live.prepend(row); row.classList.add("new"); }
    localise(row);
    while (live.rows.length > ROWS_MAX) { live.lastElementChild.remove(); }
  });
  stream.addEventListener("counts", function (event) {
    var counts = JSON.parse(event.data);
    document.querySelectorAll("[data-count]").forEach(function (place) {
      var count = counts[place.dataset.count];
      if (count === undefined) { return; }
      place.textContent = count;
      place.classList.toggle("some", count > 0);
    });
  });
  window.addEventListener("pagehide", function () { stream.close(); });
})();
