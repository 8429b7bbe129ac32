//! smoke
use wodehost::*;
#[test]
fn smoke() {
    let runtime = Runtime::new(RuntimeConfig::default()).unwrap();
    let t = std::time::Instant::now();
    let plugin = runtime.load(PluginSource::file("/tmp/guest-target/wasm32-wasip2/guest/double.wasm")).unwrap();
    eprintln!("load {:?} {:?} {:?} {:?}", t.elapsed(), plugin, plugin.imports(), plugin.exports());
    let host = Host::builder(&runtime).worker(plugin).build().unwrap();
    let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let outcome = rt.block_on(host.submit("double", [Value::of(&21).unwrap()]).unwrap());
    eprintln!("{}", outcome.to_value().to_json());
    let outcome = rt.block_on(host.submit("double", [Value::of("x").unwrap()]).unwrap());
    eprintln!("{}", outcome.to_value().to_json());
    let t = std::time::Instant::now();
    let n = 20000;
    let hs: Vec<_> = (0..n).map(|i| host.submit("double", [Value::of(&i).unwrap()]).unwrap()).collect();
    for h in hs { rt.block_on(h); }
    eprintln!("{:?} per job", t.elapsed() / n);
}
