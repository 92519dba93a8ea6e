import { describe, expect, it } from 'vitest';
import { countFindings, mergeFindings, modelFindings } from '../../src/measure/model-findings.js';
import type { ModelTraceEvent } from '../../src/simulator/model/events.js';

const error = (code: string, message: string): ModelTraceEvent => ({
  ...{ type: 'error', atMs: 0, sessionId: 's', code, message },
});

describe('modelFindings', () => {
  it('finds nothing where nothing was refused', () => {
    expect(modelFindings([{ type: 'session', atMs: 0, sessionId: 's' }])).toEqual([]);
  });

  it('has one entry per code, mistakes before races', () => {
    expect(
      modelFindings([
        error('response_cancel_not_active', 'Cancellation failed: no active response found'),
        error('unknown_parameter', "Unknown parameter: 'session.voice'."),
        error('unknown_parameter', "Unknown parameter: 'session.modalities'."),
      ]),
    ).toEqual([
      {
        code: 'unknown_parameter',
        level: 'error',
        count: 2,
        first: "Unknown parameter: 'session.voice'.",
        hint: "session.voice is the beta's name; GA calls it session.audio.output.voice",
      },
      {
        code: 'response_cancel_not_active',
        level: 'warning',
        count: 1,
        first: 'Cancellation failed: no active response found',
        hint: 'the model has stopped by itself: cancel only with interrupt_response off',
      },
    ]);
  });

  it('takes a truncation behind the end of its audio for a race, any other invalid value for a mistake', () => {
    const [mistake, race] = [
      error('invalid_value', "Invalid value: 'x'."),
      error('invalid_value', 'Audio content of 4000ms is already shorter than 4010ms'),
    ];
    expect(modelFindings([race!]).map(({ level }) => level)).toEqual(['warning']);
    expect(modelFindings([mistake!]).map(({ level }) => level)).toEqual(['error']);
  });

  it('knows a client of the beta, a relay that never came, and one that never left', () => {
    const beta: ModelTraceEvent = { type: 'beta-shape', atMs: 0, sessionId: 's', by: 'header' };
    const found = modelFindings([beta], { neverConnected: 2, leftOpen: 1 });
    expect(found.map(({ code, level, count }) => [code, level, count])).toEqual([
      ['beta_api_shape_disabled', 'error', 1],
      ['never-connected', 'error', 2],
      ['session-left-open', 'warning', 1],
    ]);
    expect(found[0]!.hint).toContain('dead since 2026-05-12');
    expect(countFindings(found, 'error')).toBe(3);
  });
});

describe('mergeFindings', () => {
  it('adds up what is the same', () => {
    const one = modelFindings([error('a', 'first')]);
    const two = modelFindings([error('a', 'second'), error('b', 'other')]);
    expect(mergeFindings(one, two).map(({ code, count, first }) => [code, count, first])).toEqual([
      ['a', 2, 'first'],
      ['b', 1, 'other'],
    ]);
  });
});
