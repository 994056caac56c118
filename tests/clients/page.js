// Reads HTML pages with a real parser.
import { parse } from 'parse5';

/** All elements of a page with one tag name, in document order. */
export function elements(html, tagName) {
  return descendants(parse(html, { scriptingEnabled: false }), tagName);
}

function descendants(node, tagName) {
  const inside = (node.content ?? node).childNodes ?? [];
  return inside.flatMap((child) => [
    ...(child.tagName === tagName ? [child] : []),
    ...descendants(child, tagName),
  ]);
}

/** The value of an attribute, entities decoded; `undefined` when it is absent. */
export function attribute(element, name) {
  return element.attrs.find((candidate) => candidate.name === name)?.value;
}

/** The text directly inside an element, such as a script's source. */
export function text(element) {
  return element.childNodes.map((node) => node.value ?? '').join('');
}

/** The forms of a page: method, action, and the name-value pairs of the hidden inputs. */
export function forms(html) {
  return elements(html, 'form').map((form) => ({
    method: attribute(form, 'method')?.toLowerCase(),
    action: attribute(form, 'action'),
    pairs: descendants(form, 'input')
      .filter((input) => attribute(input, 'type') === 'hidden')
      .map((input) => [attribute(input, 'name'), attribute(input, 'value')]),
  }));
}
