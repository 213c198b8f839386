import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { boolean, integer, list, object, oneOf, optional, parseJson, text } from '../../../src/core/shape.ts';

const shape = object({
  name: text(8, /^[a-z]+$/),
  age: integer(0, 150),
  kind: oneOf('cat', 'dog'),
  tags: list(text(4), 3),
  good: optional(boolean),
  owner: optional(object({ id: integer() })),
});
const cat = { name: 'tom', age: 3, kind: 'cat', tags: ['a', 'b'] };

describe('law 1: a value of a shape', () => {
  test('is read as it is, and a part that may be missing may be missing', () => {
    expect(shape(cat)).toEqual(cat);
    expect(shape({ ...cat, good: false, owner: { id: 1 } })).toEqual({ ...cat, good: false, owner: { id: 1 } });
  });

  test.each([
    ['an unknown key', { ...cat, wild: true }],
    ['a key of the prototype', JSON.parse('{"__proto__":{},"name":"tom","age":3,"kind":"cat","tags":[]}') as unknown],
    ['a missing key', { ...cat, name: undefined }],
    ['no such key at all', { age: 3, kind: 'cat', tags: [] }],
    ['a wrong type', { ...cat, age: '3' }],
    ['a number out of range', { ...cat, age: 151 }],
    ['a negative number', { ...cat, age: -1 }],
    ['a fraction', { ...cat, age: 1.5 }],
    ['NaN', { ...cat, age: NaN }],
    ['a word of no list', { ...cat, kind: 'cow' }],
    ['too long a text', { ...cat, name: 'abcdefghi' }],
    ['a text of another form', { ...cat, name: 'Tom' }],
    ['a text that is none', { ...cat, name: 7 }],
    ['a list that is none', { ...cat, tags: 'ab' }],
    ['too long a list', { ...cat, tags: ['a', 'b', 'c', 'd'] }],
    ['a list with a wrong item', { ...cat, tags: ['a', 7] }],
    ['an optional part of a wrong type', { ...cat, good: 'yes' }],
    ['an optional part that is null', { ...cat, good: null }],
    ['an array', []],
    ['null', null],
    ['a text', 'cat'],
  ])('is nothing with %s', (_, value) => {
    expect(shape(value)).toBeUndefined();
  });

  test('a key that only the prototype has is missing', () => {
    expect(object({ toString: text(10) })({})).toBeUndefined();
  });

  test('what is read has exactly what was given, whatever was given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ name: fc.string(), age: fc.integer() })), (value) => {
        const read = shape(value);
        if (read !== undefined) expect(read).toEqual(value);
      }),
    );
  });
});

describe('parsing JSON into a shape', () => {
  test('never throws, and gives nothing for what is no JSON or too long', () => {
    fc.assert(fc.property(fc.string(), (json) => expect(parseJson(json, shape, 1000)).toBeUndefined()));
    expect(parseJson(JSON.stringify(cat), shape, 1000)).toEqual(cat);
    expect(parseJson(JSON.stringify(cat), shape, 10)).toBeUndefined();
  });
});
