import type { Me, RestPerson, Role } from '@parley-chat/client';
import { type ReactNode, useState } from 'react';
import { useApi } from '../app/api';
import { useHost } from '../app/host';
import { FormError } from '../entry/FormParts';
import { useLoad } from '../entry/load';
import { textOf } from '../entry/problem';
import { settings as texts } from '../text/settings';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Confirm } from './Confirm';
import { Choice, Fetched, List, Row } from './List';
import styles from './Settings.module.css';

/** The roles that an account can have, from the least to the most. */
const roles = [
  { value: 'member', name: texts.people.roles.member },
  { value: 'moderator', name: texts.people.roles.moderator },
  { value: 'owner', name: texts.people.roles.owner },
] as const;

/** Something to be asked about before it is done. */
interface Question {
  title: string;
  text: ReactNode;
  action: string;
  person: RestPerson;
  act: () => Promise<RestPerson>;
}

/** Everybody who has an account. Owners give roles and disable accounts here. */
export function People({ me }: { me: Me }) {
  const api = useApi();
  const people = useLoad('people', () => api.users());
  const [more, setMore] = useState<{ busy: boolean; error: string }>({ busy: false, error: '' });
  const [question, setQuestion] = useState<Question | null>(null);

  const replace = (person: RestPerson) => {
    people.set((list) => ({
      ...list,
      people: list.people.map((each) => (each.id === person.id ? { ...each, ...person } : each)),
    }));
  };
  const loadMore = async (after: string) => {
    setMore({ busy: true, error: '' });
    try {
      const next = await api.users(after);
      people.set((list) => ({ people: [...list.people, ...next.people], next: next.next }));
      setMore({ busy: false, error: '' });
    } catch (refused) {
      setMore({ busy: false, error: textOf(refused) });
    }
  };

  return (
    <Fetched from={people}>
      {({ people: all, next }) => (
        <>
          <p className={styles.intro}>{me.role === 'owner' ? texts.people.forOwners : texts.people.forOthers}</p>
          <List label={texts.people.list}>
            {all.map((person) => (
              <PersonRow key={person.id} person={person} me={me} onChanged={replace} onAsk={setQuestion} />
            ))}
          </List>
          <FormError text={more.error} />
          {next !== null && (
            <div>
              <Button busy={more.busy} onClick={() => void loadMore(next)}>
                {texts.showMore}
              </Button>
            </div>
          )}
          {question !== null && (
            <Confirm
              title={question.title}
              action={question.action}
              onConfirm={async () => replace(await question.act())}
              onClose={() => setQuestion(null)}
            >
              {question.text}
            </Confirm>
          )}
        </>
      )}
    </Fetched>
  );
}

interface PersonRowProps {
  person: RestPerson;
  me: Me;
  onChanged: (person: RestPerson) => void;
  onAsk: (question: Question) => void;
}

function PersonRow({ person, me, onChanged, onAsk }: PersonRowProps) {
  const [error, setError] = useState('');
  const role = roles.find((each) => each.value === person.role);
  const called =
    person.display !== '' && person.display !== person.name
      ? texts.people.calledAs(person.display, person.name)
      : person.name;
  const detail = [person.kind === 'bot' ? texts.people.bot : me.role === 'owner' ? '' : role?.name, person.email]
    .filter(Boolean)
    .join(' · ');
  return (
    <Row
      start={<Avatar id={person.id} name={person.display || person.name} size={32} bot={person.kind === 'bot'} />}
      name={called}
      chip={person.disabled ? texts.people.disabled : person.id === me.id ? texts.people.you : undefined}
      detail={detail === '' ? undefined : detail}
      error={error}
      end={
        me.role === 'owner' && person.kind === 'member' ? (
          <PersonActions person={person} me={me} onChanged={onChanged} onAsk={onAsk} onError={setError} />
        ) : undefined
      }
    />
  );
}

function PersonActions({
  person,
  me,
  onChanged,
  onAsk,
  onError,
}: PersonRowProps & { onError: (text: string) => void }) {
  const api = useApi();
  const host = useHost();
  const [busy, setBusy] = useState(false);

  const act = async (change: () => Promise<RestPerson>) => {
    setBusy(true);
    onError('');
    try {
      onChanged(await change());
    } catch (refused) {
      onError(textOf(refused));
    } finally {
      setBusy(false);
    }
  };
  const chooseRole = (role: Role) => {
    const change = () => api.setRole(person.id, role);
    if (person.id === me.id) onAsk({ ...stepDown(role), person, act: change });
    else if (role === 'owner') onAsk({ ...promote(person.name), person, act: change });
    else void act(change);
  };

  return (
    <>
      <Choice
        label={texts.people.roleOf(person.name)}
        value={(person.role ?? 'member') as Role}
        options={roles}
        disabled={busy || host !== null}
        onChange={chooseRole}
      />
      {person.id !== me.id &&
        (person.disabled ? (
          <Button
            busy={busy}
            aria-label={texts.people.enableThem(person.name)}
            onClick={() => void act(() => api.setDisabled(person.id, false))}
          >
            {texts.people.enable}
          </Button>
        ) : (
          <Button
            aria-label={texts.people.disableThem(person.name)}
            onClick={() => onAsk({ ...disable(person.name), person, act: () => api.setDisabled(person.id, true) })}
          >
            {texts.people.disable}
          </Button>
        ))}
    </>
  );
}

function stepDown(role: Role) {
  const { title, text, action } = texts.people.stepDown;
  return { title, text: text(role), action };
}

function promote(name: string) {
  const { title, text, action } = texts.people.promote;
  return { title: title(name), text: text(name), action };
}

function disable(name: string) {
  const { title, text, action } = texts.people.askDisable;
  return { title: title(name), text: text(name), action };
}
