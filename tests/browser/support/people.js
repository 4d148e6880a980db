// People other than the owner, who come by invitation.

import { api } from "./browser.js";

/** An invitation to the page's org, made as Settings makes it: `{link, user_id, …}`. */
export async function invite(page, email, role) {
  const org = await page.evaluate(() => document.body.dataset.orgId);
  return api(page, "POST", `/api/ops/orgs/${org}/members`, { email, role });
}

export async function remove(page, userId) {
  const org = await page.evaluate(() => document.body.dataset.orgId);
  return api(page, "DELETE", `/api/ops/orgs/${org}/members/${userId}`);
}

/** The path that a used or unknown link leads to. */
export const BAD_LINK = /\/signin\?failed=link/;
