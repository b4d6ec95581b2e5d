/** The sheet of shortcuts. */
export const shortcuts = {
  help: 'Keyboard shortcuts',
  helpHint:
    'They work wherever the focus is in the chat, those for writing in the message box. Finding text on the page stays your browser’s.',
  groups: { go: 'Getting around', read: 'Reading', write: 'Writing' },
  acts: {
    switcher: 'Jump to a room',
    previous: 'The room above',
    next: 'The room below',
    previousUnread: 'The unread room above',
    nextUnread: 'The unread room below',
    help: 'This list',
    readRoom: 'Mark the room as read and go to its end',
    readAll: 'Mark all rooms as read',
    message: 'From message to message, in the list',
    send: 'Send',
    newLine: 'New line',
    editLast: 'Edit your last message, in an empty box',
    cancelEdit: 'Give up editing',
    name: 'Name a person',
    room: 'Name a room',
    emoji: 'Find an emoji',
  },
} as const;
