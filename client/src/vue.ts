/** Parley in Vue: a room is open for as long as the component, or the scope, that shows it. */
import {
  type ComputedRef,
  computed,
  getCurrentInstance,
  type InjectionKey,
  inject,
  type MaybeRefOrGetter,
  onMounted,
  onScopeDispose,
  type Plugin,
  type ShallowRef,
  shallowRef,
  toValue,
  watch,
} from 'vue';
import { hold } from './hold.ts';
import type { Client, State } from './types.ts';
import { actionsOf, type RoomActions, type RoomView, viewOf } from './view.ts';

export type { RoomActions, RoomView } from './view.ts';

const key: InjectionKey<Client> = Symbol('parley');

/** parley is a plugin that gives a client to all components of an application. */
export function parley(client: Client): Plugin<[]> {
  return { install: (app) => void app.provide(key, client) };
}

/** useClient returns the client that is given, else the one of the plugin. */
export function useClient(given?: Client): Client {
  const client = given ?? inject(key, null);
  if (!client) throw new Error('No client was given, neither here nor by app.use(parley(client)).');
  return client;
}

/** useState returns the client's state, which is replaced at each change and never changed itself. */
export function useState(given?: Client): Readonly<ShallowRef<State>> {
  const client = useClient(given);
  const state = shallowRef(client.getState());
  const stop = client.subscribe(() => {
    state.value = client.getState();
  });
  onScopeDispose(stop);
  return state;
}

/** Each field of a room's view as a ref of its own. */
export type RoomRefs = { readonly [K in keyof RoomView]: ComputedRef<RoomView[K]> };

/**
 * useRoom opens a room while the component is there, and returns what it shows and what can be done in it. The name may
 * change. The client is started by the first room and stopped after the last, unless the page has started it itself.
 */
export function useRoom(name: MaybeRefOrGetter<string>, given?: Client): RoomRefs & RoomActions {
  const client = useClient(given);
  const state = useState(client);
  const failed = shallowRef<unknown>(null);
  const follow = () =>
    watch(
      () => toValue(name),
      (room, _, onCleanup) => {
        let here = true;
        failed.value = null;
        const { opened, release } = hold(client, room);
        opened.catch((why: unknown) => {
          if (here) failed.value = why;
        });
        onCleanup(() => {
          here = false;
          release();
        });
      },
      { immediate: true },
    );
  if (getCurrentInstance())
    onMounted(follow); // not where pages are only written, on a server
  else follow();
  const view = computed(() => viewOf(state.value, toValue(name), failed.value));
  const part = <K extends keyof RoomView>(field: K) => computed(() => view.value[field]);
  return {
    status: part('status'),
    room: part('room'),
    messages: part('messages'),
    entries: part('entries'),
    typing: part('typing'),
    members: part('members'),
    online: part('online'),
    unread: part('unread'),
    hasOlder: part('hasOlder'),
    hasNewer: part('hasNewer'),
    loading: part('loading'),
    error: part('error'),
    ...actionsOf(client, () => toValue(name)),
  };
}
