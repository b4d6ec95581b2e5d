export { Avatar, Dot } from './Avatar';
export { Button, IconButton } from './Button';
export { Card } from './Card';
export { classes } from './classes';
export { Dialog } from './Dialog';
export { Field } from './Field';
export { Icon } from './Icon';
export { Logo, Mark } from './Logo';
export { Menu } from './Menu';
