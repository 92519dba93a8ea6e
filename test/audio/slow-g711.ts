/**
 * G.711 written from the tables of the Recommendation (11/1988), as slowly and obviously as possible, to hold the fast
 * one against. Values of table 2a (µ-law, full scale 8 159) stand left-justified in 16 bits when multiplied by 4, those
 * of table 1a (A-law, full scale 4 096) when multiplied by 8.
 *
 * The tables say what happens between two decision values, not on one. A 16-bit sample s is therefore taken as the
 * interval from s to s+1, whose middle never lies on a decision value; this gives the codes of the ITU-T's own software
 * (Recommendation G.191), which `ulawCompress` and `alawCompress` below repeat.
 */
interface Law {
  /** 129 decision values x(1) … x(129) of the positive half: code k covers x(k) … x(k+1). */
  readonly decisions: number[];
  /** The 128 quantized values of the positive half. */
  readonly values: number[];
  /** From the number of an interval of the positive half to the byte on the wire. */
  readonly wire: (interval: number, negative: boolean) => number;
}

/** Table 2a: segment 1 ends at 31 with one interval of width 1 and 15 of width 2, then 16 intervals of 4, 8, 16 … 256. */
const muLaw = law({
  firstSegment: [0, ...Array.from({ length: 16 }, (_, i) => 1 + 2 * i)],
  segmentEnds: [31, 95, 223, 479, 991, 2015, 4063, 8159],
  scale: 4,
  // The value of the first interval is 0, of every other the middle.
  value: (low, high) => (low === 0 ? 0 : (low + high) / 2),
  // Table 2a, column 6: the positive half counts down from 1111 1111, the negative from 0111 1111.
  wire: (interval, negative) => (negative ? 0x7f : 0xff) - interval,
});

/** Table 1a: two segments of 16 intervals of width 2, then 16 intervals of 4, 8, 16 … 128. */
const aLaw = law({
  firstSegment: Array.from({ length: 17 }, (_, i) => 2 * i),
  segmentEnds: [32, 64, 128, 256, 512, 1024, 2048, 4096],
  scale: 8,
  value: (low, high) => (low + high) / 2,
  // Table 1a, column 6 and note 2: counts up from 1000 0000 or 0000 0000, then the even bits are inverted.
  wire: (interval, negative) => ((negative ? 0x00 : 0x80) + interval) ^ 0b0101_0101,
});

function law(table: {
  firstSegment: number[];
  segmentEnds: number[];
  scale: number;
  value: (low: number, high: number) => number;
  wire: Law['wire'];
}): Law {
  const decisions = [...table.firstSegment];
  for (const end of table.segmentEnds.slice(1)) {
    const begin = decisions.at(-1)!;
    for (let i = 1; i <= 16; i++) decisions.push(begin + ((end - begin) * i) / 16);
  }
  const values = decisions.slice(1).map((high, i) => table.value(decisions[i]!, high));
  return {
    decisions: decisions.map((value) => value * table.scale),
    values: values.map((value) => value * table.scale),
    wire: table.wire,
  };
}

function slowEncode(law: Law, sample: number): number {
  const middle = sample + 0.5;
  const magnitude = Math.abs(middle);
  let interval = 127;
  while (interval > 0 && magnitude < law.decisions[interval]!) interval--;
  return law.wire(interval, middle < 0);
}

function slowDecode(law: Law, code: number): number {
  for (let interval = 0; interval < 128; interval++) {
    if (law.wire(interval, false) === code) return law.values[interval]!;
    if (law.wire(interval, true) === code) return 0 - law.values[interval]!;
  }
  throw new Error(`no interval has the code ${code}`);
}

export const slowEncodeMulaw = (sample: number): number => slowEncode(muLaw, sample);
export const slowEncodeAlaw = (sample: number): number => slowEncode(aLaw, sample);
export const slowDecodeMulaw = (code: number): number => slowDecode(muLaw, code);
export const slowDecodeAlaw = (code: number): number => slowDecode(aLaw, code);
export const muLawDecisions: readonly number[] = muLaw.decisions;
export const aLawDecisions: readonly number[] = aLaw.decisions;
