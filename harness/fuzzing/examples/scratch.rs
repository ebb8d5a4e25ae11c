use fuzzing::mutate::{Dice, mutate};
use fuzzing::*;
use std::collections::BTreeMap;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let stack = args[1].clone();
    let seconds: u64 = args[2].parse().unwrap();
    let seed: u64 = args.get(3).map_or(1, |s| s.parse().unwrap());
    let level = if args.get(4).is_some_and(|s| s == "should") {
        conformance::Level::Should
    } else {
        conformance::Level::Must
    };
    let show = args.get(5).cloned();
    quiet_panics();
    let settings = Settings { level, log: false };
    let open: Open = &|setup| stacks::open(&stack, setup);
    let mut dice = Dice(seed);
    let mut corpus: Vec<Input> = seeds::seeds().into_iter().map(|(_, i)| i).collect();
    let novelty = Novelty::default();
    let mut found: BTreeMap<String, (usize, Input, Find)> = BTreeMap::new();
    for (name, input) in seeds::seeds() {
        let p = play(&input, open, settings).unwrap();
        novelty.take(&p.features);
        for f in p.finds {
            println!("seed {name}: {} {}", f.signature(), f.seen);
        }
    }
    let start = std::time::Instant::now();
    let (mut n, mut frames, mut records) = (0u64, 0u64, 0u64);
    while start.elapsed().as_secs() < seconds {
        let mut input = corpus[dice.below(corpus.len())].clone();
        let other = corpus[dice.below(corpus.len())].clone();
        mutate(&mut input, Some(&other), &mut dice);
        input.records.truncate(40);
        let p = play(&input, open, settings).unwrap();
        n += 1;
        frames += u64::from(p.frames);
        records += input.records.len() as u64;
        if novelty.take(&p.features) > 0 && p.finds.is_empty() {
            corpus.push(input.clone());
        }
        for f in p.finds {
            let e = found
                .entry(f.signature())
                .or_insert_with(|| (0, input.clone(), f.clone()));
            e.0 += 1;
            if input.records.len() < e.1.records.len() {
                e.1 = input.clone();
                e.2 = f;
            }
        }
    }
    let s = start.elapsed().as_secs_f64();
    println!(
        "{n} conversations, {:.0}/s, {:.1} frames, {:.1} records each, corpus {}, features {}",
        n as f64 / s,
        frames as f64 / n as f64,
        records as f64 / n as f64,
        corpus.len(),
        novelty.count()
    );
    for (sig, (count, input, find)) in &found {
        println!("== {count:6} {sig}\n     {}", find.seen);
        if show.as_ref().is_some_and(|s| sig.contains(s.as_str())) {
            let small = minimise(input, sig, open, settings);
            println!("{}", listing(&small));
            let p = play(&small, open, Settings { level, log: true }).unwrap();
            println!("{}", p.log.diagram());
            for f in p.finds {
                println!(
                    "   {} frames {:?}: expected {}; seen {}",
                    f.signature(),
                    f.frames,
                    f.expected,
                    f.seen
                );
            }
        }
    }
}
