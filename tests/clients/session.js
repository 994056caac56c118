// A user's browser without JavaScript: keeps cookies and sends the forms that it is shown.
import assert from 'node:assert/strict';

import { postForm, send } from './client.js';
import { forms } from './page.js';

export class Session {
  cookies = new Map();

  async open(url) {
    return this.#keep(url, await send(url, { headers: this.#headers() }));
  }

  /** Sends the only form of a page with what the user adds to it; `replaced` are hidden inputs. */
  async submit({ url, html }, added, replaced = {}) {
    const found = forms(html);
    assert.equal(found.length, 1, html);
    const [{ method, action, pairs }] = found;
    assert.equal(method, 'post');
    const target = new URL(action ?? '', url);
    const parameters = { ...Object.fromEntries(pairs), ...replaced, ...added };
    return this.#keep(target, await postForm(target, parameters, this.#headers()));
  }

  /** Goes from an authorization request to the consent page. */
  async logIn(client, request, username = 'alice') {
    return this.submit(await this.#page(client.authorizationUrl(request)), { username });
  }

  async #page(url) {
    const shown = await this.open(url);
    assert.equal(shown.response.status, 200);
    return shown;
  }

  #headers() {
    return { cookie: [...this.cookies].map((pair) => pair.join('=')).join('; ') };
  }

  async #keep(url, response) {
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.cookies.set(name, value);
    }
    return { url, response, html: await response.clone().text() };
  }
}
