/**
 * The words of the page: one module for each part of it, each an object of texts. A text with something in it is a
 * function. Components import the module of their part alone, so that what loads later brings its words along.
 *
 *     import { common } from '../text/common';
 *     <Button>{common.cancel}</Button>
 *
 * Numbers, lists and times go through the functions of ./say, so that another language needs other texts and no other code.
 * catalogue.test.ts holds the rest of the page to it: no component has words of its own.
 */
export { common } from './common';
export { list, number, plural } from './say';
