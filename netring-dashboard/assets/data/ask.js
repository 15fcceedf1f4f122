// Asks the registry, and knows whether it answers.
import { understood } from './answers.js';
import { observable, registryNow } from './observable.js';

/** Whether the registry answers: `reached` is null before the first answer; `since` and `last` are in milliseconds. */
export const contact = observable({ reached: null, since: Date.now(), last: null });

/** One answer may fail while others come. */
const PATIENCE = 6_000;

const DEADLINE = 10_000;

/** What the registry said that it cannot do, with its status. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** That no answer came. */
export class Lost extends Error {
  constructor() {
    super('no answer');
  }
}

export function reached() {
  const before = contact.get();
  contact.set({ reached: true, since: before.reached ? before.since : Date.now(), last: Date.now() });
}

export function lost() {
  const before = contact.get();
  if (before.reached && Date.now() - before.last < PATIENCE) return;
  contact.set({ ...before, reached: false, since: before.reached === false ? before.since : (before.last ?? Date.now()) });
}

/** The address of a path of the registry, which may stand behind a prefix. */
export function address(path, query = {}) {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
  return url.href;
}

/** The JSON at `path`. Throws `Refused` where the registry says no, and another error where it cannot be reached. */
export async function ask(path, query = {}) {
  let response;
  try {
    response = await fetch(address(path, query), { signal: AbortSignal.timeout(DEADLINE), cache: 'no-cache' });
  } catch {
    lost();
    throw new Lost();
  }
  const json = await response.json().catch(() => null);
  reached();
  const { status } = response;
  if (status >= 400) throw new Refused(status, wordsOf(json?.error, status));
  return dated(understood(path, query, json), status);
}

const wordsOf = (error, status) => (typeof error === 'string' ? error : `the answer has the status ${status}`);

/** Answers are not kept anywhere on the way: one that does not say of when it is, is of now. */
export function dated(answer, status) {
  if (!answer) throw new Refused(status, 'the answer is not understood; the registry may be of another version than this page');
  return { ...answer, at: answer.at ?? registryNow() };
}
