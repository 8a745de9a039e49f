// Who gets what: a ribbon and a legend for each route.

import { html, type TemplateResult } from "lit/html.js";

import type { Route, Share, SummaryTarget } from "../../pkg/foreshift_wasm.js";
import { parts } from "./chart.js";
import { percent, recipient, role } from "./moments.js";

/** Every route of a state. */
export function traffic(routes: readonly (Route & { changed?: true })[], target: SummaryTarget): TemplateResult {
  return routes[0] ? html`<ul class="routes">${routes.map((route) => ribbon(route, target))}</ul>` : html`<p>No request is shifted.</p>`;
}

function ribbon(route: Route & { changed?: true }, target: SummaryTarget): TemplateResult {
  const legend = (share: Share, mirrored: boolean) =>
    html`<span class="share"><i class=${mirrored ? "mirror" : role(share, target)}></i><bdi>${recipient(share)}</bdi> <b>${percent(share)}</b></span>`;
  return html`<li ?data-changed=${route.changed}>
    <h4><bdi>${route.route}</bdi> <small>${route.virtualService}${route.changed && html` · <em>changed</em>`}</small></h4>
    <div class="ribbon" aria-hidden="true">${parts(route, target)}</div>
    <p>${route.shares.length > 0 ? route.shares.map((share) => legend(share, false)) : "not there any more"}</p>
    ${route.mirrors && html`<div class="mirrors"><p>beside the 100 %, copies go to ${route.mirrors.map((share) => legend(share, true))}</p></div>`}
  </li>`;
}
