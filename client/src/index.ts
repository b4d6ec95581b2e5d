/** The client side of Parley's protocol, for any page: it connects, keeps in step and holds the state that a page shows. */

export type { Api, HistoryQuery, RestMe, RestPerson, RestRoom, RestWorkspace, SignedIn } from './api.ts';
export { createClient } from './client.ts';
export { ApiError } from './request.ts';
export type {
  By,
  Client,
  ClientOptions,
  Cursor,
  Ended,
  Entry,
  Me,
  MessageEntry,
  NoticeEntry,
  NoticeKind,
  Person,
  Reaction,
  Removed,
  Replies,
  Role,
  Room,
  RoomRole,
  State,
  Status,
  UserKind,
  Workspace,
} from './types.ts';
