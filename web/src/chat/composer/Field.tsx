import type { KeyboardEvent, RefObject } from 'react';
import { useClient, useParley } from '../../app/client';
import { composer as words } from '../../text/composer';
import { editLast } from '../changes/doing';
import { useTitle } from '../rooms';
import { write } from './caret';
import { composes, sendable, sends } from './composing';
import { completion } from './token';
import { useLater } from './useLater';
import { useToken } from './useToken';

const load = () => import('./Suggestions').then((m) => m.Suggestions);

const isUp = (event: KeyboardEvent) =>
  event.key === 'ArrowUp' && !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;

interface FieldProps {
  room: string;
  /** What is written goes into a thread of the room, whose typing nobody is told of. */
  inThread: boolean;
  box: RefObject<HTMLTextAreaElement | null>;
  text: string;
  setText: (text: string) => void;
  /** It is longer than may be sent. */
  over: boolean;
  /** The id of what is said about it. */
  describedBy?: string;
  onSend: () => void;
}

/** The field itself, with the list of what its token may mean. */
export function Field({ room, inThread, box, text, setText, over, describedBy, onSend }: FieldProps) {
  const client = useClient();
  const title = useTitle(room);
  const direct = useParley((state) => state.rooms[room]?.kind === 'direct');
  const token = useToken(box, text);
  const Suggestions = useLater(load, token.focused);

  const onKeyDown = (event: KeyboardEvent) => {
    if (composes(event.nativeEvent)) {
      return;
    }
    if (token.keys.current?.(event.nativeEvent)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (sends(event.nativeEvent)) {
      event.preventDefault();
      onSend();
    } else if (text === '' && !inThread && isUp(event) && editLast(client, room)) {
      event.preventDefault();
    }
  };
  const onWritten = (value: string) => {
    setText(value);
    token.look();
    if (inThread) {
      return;
    }
    if (sendable(value) === '') {
      client.stopTyping(room);
    } else {
      client.typing(room);
    }
  };
  const onAccept = (value: string) => {
    if (box.current && token.token) {
      const edit = completion(text, token.token, value);
      write(box.current, edit);
      token.complete(edit.insert);
    }
  };
  return (
    <>
      <textarea
        ref={box}
        data-composer
        dir="auto"
        rows={1}
        value={text}
        aria-label={inThread ? words.reply.box : words.box(title)}
        aria-invalid={over || undefined}
        aria-describedby={describedBy}
        placeholder={inThread ? words.reply.placeholder : direct ? words.to(title) : words.placeholder(room)}
        onChange={(event) => onWritten(event.target.value)}
        onKeyDown={onKeyDown}
        onSelect={token.look}
        onFocus={token.look}
        onBlur={token.blur}
        enterKeyHint="send"
        {...token.aria}
      />
      {token.token && Suggestions && (
        <Suggestions
          token={token.token}
          room={room}
          box={box}
          keys={token.keys}
          onAccept={onAccept}
          onDismiss={token.dismiss}
          onActive={token.setActive}
        />
      )}
    </>
  );
}
