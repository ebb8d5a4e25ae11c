use script::syntax::*;
fn main() {
    let mut bad = 0;
    let mut n = 0;
    let mut rt = 0;
    let mut fm = 0;
    for file in std::env::args().skip(1) {
        n += 1;
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        match parse(&text, &Defines::new()) {
            Err(e) => {
                bad += 1;
                println!("{file}:{e}\n{}", e.excerpt());
            }
            Ok(s) => {
                let printed = s.to_string();
                match parse(&printed, &Defines::new()) {
                    Ok(t) if t == s => {}
                    Ok(t) => {
                        rt += 1;
                        for (a, b) in s.events.iter().zip(&t.events) {
                            if a != b {
                                println!("RT {file}: {a} || {b} {a:?} {b:?}");
                                break;
                            }
                        }
                        if s.options != t.options {
                            println!("RT opt {file} {:?} {:?}", s.options, t.options);
                        }
                        if s.before != t.before || s.after != t.after || s.requires != t.requires {
                            println!("RT other {file}");
                        }
                    }
                    Err(e) => {
                        rt += 1;
                        println!("RT {file}:{e}\n{}", e.excerpt());
                    }
                }
                match format(&text) {
                    Ok(f) => match parse(&f, &Defines::new()) {
                        Ok(t) if t == s => {
                            if format(&f).unwrap() != f {
                                println!("FMT not idempotent {file}");
                            }
                        }
                        other => {
                            fm += 1;
                            println!("FMT {file} {:?}", other.err());
                        }
                    },
                    Err(e) => println!("FMTERR {e}"),
                }
                explain(&s);
            }
        }
    }
    println!("{n} files, {bad} bad, {rt} roundtrip, {fm} format");
}
