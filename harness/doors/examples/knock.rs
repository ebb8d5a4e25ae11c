use std::time::{Duration, Instant};
fn main() {
    let seconds: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let only: Vec<String> = std::env::args().skip(2).collect();
    let mut state = 0x1234_5678_9abc_def1u64;
    let mut dice = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for (name, door) in doors::DOORS {
        if !only.is_empty() && !only.iter().any(|o| o == name) || (only.is_empty() && name.starts_with("conv")) {
            continue;
        }
        let seeds: Vec<Vec<u8>> = std::fs::read_dir(format!("corpus/{name}"))
            .unwrap()
            .map(|e| std::fs::read(e.unwrap().path()).unwrap())
            .collect();
        let end = Instant::now() + Duration::from_secs(seconds);
        let mut count = 0u64;
        let mut bad = 0;
        while Instant::now() < end && bad < 3 {
            let mut v = seeds[dice() as usize % seeds.len()].clone();
            for _ in 0..1 + dice() % 6 {
                let len = v.len().max(1);
                let at = dice() as usize % len;
                match dice() % 8 {
                    0 => {
                        if at < v.len() {
                            v[at] = dice() as u8
                        }
                    }
                    1 => {
                        if at < v.len() {
                            v[at] ^= 1 << (dice() % 8)
                        }
                    }
                    2 => v.insert(
                        at.min(v.len()),
                        [0, 1, 255, b' ', b'\r', b'\n', b':', 0x80][dice() as usize % 8],
                    ),
                    3 => {
                        if at < v.len() {
                            v.remove(at);
                        }
                    }
                    4 => {
                        let n = dice() as usize % 20;
                        let part: Vec<u8> = v.iter().skip(at).take(n).copied().collect();
                        let to = dice() as usize % (v.len() + 1);
                        v.splice(to..to, part);
                    }
                    5 => v.truncate(len - at % 8),
                    6 => {
                        if at < v.len() {
                            v[at] = [0, 1, 2, 5, 60, 43, 44, 0xc0, 127, 6, 17, 51, 135, 255][dice() as usize % 14]
                        }
                    }
                    _ => {
                        let o = &seeds[dice() as usize % seeds.len()];
                        let cut = dice() as usize % (o.len() + 1);
                        v.truncate(at);
                        v.extend(&o[cut..]);
                    }
                }
            }
            count += 1;
            let t = Instant::now();
            let r = std::panic::catch_unwind(|| door(&v));
            if r.is_err() {
                bad += 1;
                std::fs::write(format!("/tmp/target-targets/crash-{name}-{bad}"), &v).unwrap();
                eprintln!("{name}: {}", v.escape_ascii());
            }
            if t.elapsed() > Duration::from_millis(1500) {
                eprintln!("slow {name} {:?}", t.elapsed());
            }
        }
        eprintln!("== {name}: {count} runs, {bad} bad");
    }
}
