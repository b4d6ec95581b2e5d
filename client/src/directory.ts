/** The people whom the client has heard of: from the list of accounts, and because they spoke, came in or changed. Pure. */
import type { Api, People, RestPerson } from './api.ts';
import { record } from './names.ts';
import type { Person, State } from './types.ts';
import type { UserChanged } from './wire.ts';

export function personOf(p: RestPerson): Person {
  return {
    id: p.id,
    name: p.name,
    display: p.display,
    kind: p.kind,
    role: p.role ?? null,
    disabled: p.disabled === true,
    avatar: p.avatar ?? null,
  };
}

/** usersOf is a page of the list of accounts. */
export async function usersOf(api: Api, after?: string): Promise<People<RestPerson>> {
  const { users, next } = await api.ask<{ users: RestPerson[]; next?: string }>('GET', 'api/users', {
    query: { after },
  });
  return { people: users, next: next ?? null };
}

/** told takes over what a list of accounts says. */
export const told = (state: State, people: readonly Person[]): State =>
  people.reduce((s, p) => showMe(meet(s, p), p), state);

/** shown takes in how somebody is to be shown. */
export function shown(state: State, f: UserChanged): State {
  const look = { name: f.user, display: f.display, avatar: f.avatar ?? null };
  const known = state.people[f.user_id] ?? { id: f.user_id, kind: null, role: null, disabled: false };
  return showMe(meet(state, { ...known, ...look }), { ...look, id: f.user_id });
}

/** showMe takes what a person is called and looks like over into me, if it is me. */
export function showMe(
  state: State,
  { id, name, display, avatar }: Pick<Person, 'id' | 'name' | 'display' | 'avatar'>,
): State {
  const { me } = state;
  if (me?.id !== id || (me.name === name && me.display === display && me.avatar === avatar)) return state;
  return { ...state, me: { ...me, name, display, avatar } };
}

/** heardOf notes somebody whom no list has told of yet, or who has another name now. */
export function heardOf(state: State, id: string, name: string): State {
  const known = state.people[id] ?? { id, display: name, kind: null, role: null, disabled: false, avatar: null };
  return meet(state, { ...known, name });
}

export function meet(state: State, { id, name, display, kind, role, disabled, avatar }: Person): State {
  const person: Person = { id, name, display, kind, role, disabled, avatar };
  const known = state.people[id];
  if (known && (Object.keys(person) as (keyof Person)[]).every((key) => known[key] === person[key])) return state;
  return { ...state, people: record(state.people, { [id]: person }) };
}
