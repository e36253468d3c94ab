// Makes a plain form better where scripts run: where the visitor came from goes along, how long filling in took, what is
// missing is said on the page, and a second try is the same inquiry. Without it the form works as it is.
//
//   <form data-lead-router method="post" action="…/v1/WORKSPACE/inquiries/SOURCE"> … </form>
//   <script src="…/form.js" defer></script>
//
// data-thanks, data-wait and data-again on the form hold other words. Sets no cookie; the campaign of this visit stands in
// the tab's own storage.
(() => {
  "use strict";
  const CAMPAIGN = /^(utm_\w+|gclid|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|twclid|li_fat_id)$/;
  const KEY = "lead-router";

  // What the address of this page says, else what that of an earlier one of this visit said.
  const campaign = () => {
    const now = Object.fromEntries([...new URLSearchParams(location.search)].filter(([name]) => CAMPAIGN.test(name)));
    const here = { ...now, landing_page: location.origin + location.pathname, referrer: document.referrer };
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEY) || "null");
      if (kept && !Object.keys(now).length) return kept;
      sessionStorage.setItem(KEY, JSON.stringify(here));
    } catch {
      // No storage: this page is all that is known.
    }
    return here;
  };

  const put = (form, name, value) => {
    if (!value || form.elements.namedItem(name)) return;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    form.append(field);
  };

  const adopt = (form) => {
    for (const [name, value] of Object.entries(campaign())) put(form, name, value);
    put(form, "page_url", location.origin + location.pathname);
    put(form, "_started_at", String(Date.now()));
    // There before it says anything, so that it is read out when it does.
    const said = Object.assign(document.createElement("p"), { tabIndex: -1 });
    said.setAttribute("role", "alert");
    form.append(said);
    const say = (words) => {
      said.textContent = words;
      said.focus();
    };
    let key = crypto.randomUUID ? crypto.randomUUID() : String(Date.now() + Math.random());
    let sending = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (sending) return;
      sending = true;
      form.setAttribute("aria-busy", "true");
      said.textContent = "";
      try {
        const answer = await fetch(form.action, {
          method: "POST",
          headers: { "idempotency-key": key },
          body: new URLSearchParams(new FormData(form)),
        });
        const body = await answer.json().catch(() => ({}));
        if (answer.ok) {
          const next = form.elements.namedItem("_redirect") || form.elements.namedItem("_next");
          if (next && next.value) return void location.assign(next.value);
          form.reset();
          key = crypto.randomUUID ? crypto.randomUUID() : String(Date.now() + Math.random());
          say(form.dataset.thanks || "Thank you. We have received your inquiry.");
        } else if (answer.status === 429 || answer.status === 503) {
          say(form.dataset.wait || "Please send it again in a moment; nothing is lost.");
        } else {
          say(body.detail || body.title || form.dataset.again || "That did not work. Please try again.");
        }
      } catch {
        // The page may not read the answer, or nothing got through: the browser sends it as it would without us.
        HTMLFormElement.prototype.submit.call(form);
      } finally {
        sending = false;
        form.removeAttribute("aria-busy");
      }
    });
  };

  // A page without a form may be the first of the visit.
  const begin = () => {
    campaign();
    document.querySelectorAll("form[data-lead-router]").forEach(adopt);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
