var St=(r,e)=>(e=Symbol[r])?e:Symbol.for("Symbol."+r),Tt=r=>{throw TypeError(r)};var ge=(r,e,t)=>{if(e!=null){typeof e!="object"&&typeof e!="function"&&Tt("Object expected");var a,o;t&&(a=e[St("asyncDispose")]),a===void 0&&(a=e[St("dispose")],t&&(o=a)),typeof a!="function"&&Tt("Object not disposable"),o&&(a=function(){try{o.call(this)}catch(s){return Promise.reject(s)}}),r.push([t,a,e])}else t&&r.push([t]);return e},Oe=(r,e,t)=>{var a=typeof SuppressedError=="function"?SuppressedError:function(n,i,l,d){return d=Error(l),d.name="SuppressedError",d.error=n,d.suppressed=i,d},o=n=>e=t?new a(n,e,"An error was suppressed during disposal"):(t=!0,n),s=n=>{for(;n=r.pop();)try{var i=n[1]&&n[1].call(n[2]);if(n[0])return Promise.resolve(i).then(s,l=>(o(l),s()))}catch(l){o(l)}if(t)throw e};return s()};var S=class extends Error{name="UserError";constructor(e,t){super(e,t),this.exitCode=t?.exitCode??1}exitCode};var At="0.1.0";var ie=class{#e;constructor(...e){let t=2654435769;this.#e=new Uint32Array(4);let a=e.flatMap(o=>[o>>>0,Math.floor(o/2**32)>>>0]);for(let o of a)t=Rt(t^o);for(let o=0;o<4;o++)this.#e[o]=t=Rt(t+2654435769>>>0);this.#e[0]|=1}uint32(){let e=this.#e,t=Math.imul(e[1],5),a=Math.imul(t<<7|t>>>25,9)>>>0,o=e[1]<<9;return e[2]^=e[0],e[3]^=e[1],e[1]^=e[2],e[0]^=e[3],e[2]^=o,e[3]=e[3]<<11|e[3]>>>21,a}uniform(){return this.uint32()/2**32}between(e,t){return e+(t-e)*this.uniform()}below(e){return Math.floor(this.uniform()*e)}normal(){return Math.sqrt(-2*Math.log(1-this.uniform()))*Math.cos(2*Math.PI*this.uniform())}shuffled(e){let t=[...e];for(let a=t.length-1;a>0;a--){let o=this.below(a+1);[t[a],t[o]]=[t[o],t[a]]}return t}};function Rt(r){let e=Math.imul(r^r>>>16,2246822507);return e=Math.imul(e^e>>>13,3266489909),(e^e>>>16)>>>0}function G(r){return r.reduce((e,t)=>e*t,1)}function C(r){return Math.ceil(r/4)*4}function k(r){return r.join("×")}function le(r,e){return Math.ceil(r/e)}function Ye(r,e){if(e===1)return 0;let t=2*(e-1),a=(r%t+t)%t;return a<e?a:t-a}function Ee(r,e,t,a){let o=new Uint8Array(a.width*a.height*3),s=a.left>=0&&a.left+a.width<=e;for(let n=0;n<a.height;n++){let i=Ye(a.top+n,t)*e*3,l=n*a.width*3;if(s){o.set(r.subarray(i+a.left*3,i+(a.left+a.width)*3),l);continue}for(let d=0;d<a.width;d++){let c=i+Ye(a.left+d,e)*3;for(let u=0;u<3;u++)o[l+d*3+u]=r[c+u]}}return o}function ye(r,e,t,a,o){let{rgb:s,width:n,left:i,top:l}=a,[d,c]=o&4?[n*3,3]:[3,n*3],u=o&1?-d:d,p=o&2?-c:c,f=(l*n+i)*3+(o&1?d*(t-1):0)+(o&2?c*(t-1):0),m=e;for(let h=0;h<t;h++){let g=f+h*p;for(let v=0;v<t;v++,g+=u,m+=3)r[m]=s[g]/255,r[m+1]=s[g+1]/255,r[m+2]=s[g+2]/255}}function Xe(r){let e=Math.ceil(3*r),t=new Float64Array(e+1),a=0;for(let o=0;o<=e;o++)t[o]=o===0?1:Math.exp(-(o*o)/(2*r*r)),a+=o===0?t[o]:2*t[o];return t.map(o=>o/a)}function Ce(r,e,t,a){let o=Xe(a),s=o.length-1;if(s===0)return;let n=e*3,i=new Float32Array(n+s*6);for(let d=0;d<t;d++){let c=d*n,u=c+n-3;i.set(r.subarray(c,c+n),s*3);for(let p=0;p<s*3;p++)i[p]=r[c+p%3],i[s*3+n+p]=r[u+p%3];for(let p=0;p<n;p++){let f=p+s*3,m=o[0]*i[f];for(let h=1;h<=s;h++)m+=o[h]*(i[f-3*h]+i[f+3*h]);r[c+p]=m}}let l=r.slice();for(let d=0;d<t;d++){let c=d*n;for(let u=0;u<n;u++)r[c+u]=o[0]*l[c+u];for(let u=1;u<=s;u++){let p=Math.max(d-u,0)*n,f=Math.min(d+u,t-1)*n,m=o[u];for(let h=0;h<n;h++)r[c+h]+=m*(l[p+h]+l[f+h])}}}async function Pt(r,e,t,a){let{OffscreenCanvas:o}=globalThis,s=o&&new o(e,t),n=s?.getContext("2d",{willReadFrequently:!0});if(!s||!n)throw new S("Cannot degrade through JPEG: no codec was given, and there is no canvas to do it");let i=new Uint8ClampedArray(e*t*4).fill(255);for(let p=0,f=0;p<r.length;p+=3,f+=4)i[f]=r[p],i[f+1]=r[p+1],i[f+2]=r[p+2];n.putImageData(new ImageData(i,e,t),0,0);let l=await s.convertToBlob({type:"image/jpeg",quality:a/100}),d=await createImageBitmap(l,{colorSpaceConversion:"none"});n.drawImage(d,0,0),d.close();let{data:c}=n.getImageData(0,0,e,t),u=new Uint8Array(e*t*3);for(let p=0,f=0;f<u.length;p+=4,f+=3)u[f]=c[p],u[f+1]=c[p+1],u[f+2]=c[p+2];return u}var ce=65536,Ze;function ma(){if(Ze)return Ze;let r=new Float32Array(ce),e=0;for(let a=0;a<ce/2;a++){let o=fa((a+.5)/ce);e+=2*o*o,r[a]=o}let t=Math.sqrt(ce/e);for(let a=0;a<ce/2;a++)r[a]*=t,r[ce-1-a]=-r[a];return Ze=r}function fa(r){if(r<.02425){let a=Math.sqrt(-2*Math.log(r));return(((((-.007784894002430293*a-.3223964580411365)*a-2.400758277161838)*a-2.549732539343734)*a+4.374664141464968)*a+2.938163982698783)/((((.007784695709041462*a+.3224671290700398)*a+2.445134137142996)*a+3.754408661907416)*a+1)}let e=r-.5,t=e*e;return(((((-39.69683028665376*t+220.9460984245205)*t-275.9285104469687)*t+138.357751867269)*t-30.66479806614716)*t+2.506628277459239)*e/(((((-54.47609879822406*t+161.5858368580409)*t-155.6989798598866)*t+66.80131188771972)*t-13.28068155288572)*t+1)}function et(r,e,t){if(e===0)return;let a=ma();for(let o=0;o<r.length;o+=2){let s=t.uint32();r[o]+=e*a[s&65535],o+1<r.length&&(r[o+1]+=e*a[s>>>16])}}var Ot=4;function Et(r,e,t,a,o){if(a===0)return;let s=o.between(.4,1.2),n=o.uniform(),i=new Float32Array(r.length);et(i,1,o);for(let c=0;c<i.length;c+=3){let u=i[c];for(let p of[1,2])i[c+p]=Math.sqrt(n)*u+Math.sqrt(1-n)*i[c+p]}Ce(i,e,t,s);let d=Xe(s).reduce((c,u,p)=>c+(p===0?1:2)*u*u,0);for(let c=0;c<r.length;c++)r[c]+=a/d*i[c]}function tt(r,e,t,a){let o=e*4294967296,s=o/2;for(let n=0;n<r.length;n+=a){let i=t.uint32();i<o&&r.fill(i<s?0:255,n,n+a)}}function ha(r){let e=Math.abs(r);return e<=1?(1.5*e-2.5)*e*e+1:e<2?((-.5*e+2.5)*e-4)*e+2:0}function Ct(r,e){let t=r/e,a=Math.max(t,1),o=Math.ceil(4*a)+1,s=new Int32Array(e*o),n=new Float64Array(e*o);for(let i=0;i<e;i++){let l=(i+.5)*t-.5,d=Math.ceil(l-2*a),c=0;for(let u=0;u<o;u++){let p=ha((d+u-l)/a);s[i*o+u]=ga(d+u,r),n[i*o+u]=p,c+=p}for(let u=0;u<o;u++)n[i*o+u]/=c}return{positions:s,weights:n,count:o}}function ga(r,e){let t=2*e,a=(r%t+t)%t;return a<e?a:t-1-a}function Me(r,e,t,a,o,s=3){let n=Ct(e,a),i=new Float32Array(t*a*s);for(let u=0;u<t;u++){let p=u*e;for(let f=0;f<a;f++){let m=(u*a+f)*s;for(let h=0;h<s;h++){let g=0;for(let v=f*n.count,w=v+n.count;v<w;v++)g+=n.weights[v]*r[(p+n.positions[v])*s+h];i[m+h]=g}}}let l=Ct(t,o),d=new Float32Array(o*a*s),c=a*s;for(let u=0;u<o;u++)for(let p=u*l.count,f=p+l.count;p<f;p++){let m=l.positions[p]*c,h=l.weights[p];for(let g=0,v=u*c;g<c;g++)d[v+g]+=h*i[m+g]}return d}async function Ut(r,e,t,a,o,s=Pt){if(r.length!==e*t*3)throw new RangeError(`Cannot degrade: ${r.length} samples are not ${e}×${t} RGB pixels`);if(a.length===0)return r.slice();let n=Float32Array.from(r),[i,l]=[e,t];for(let{name:d,strength:c}of a)if(d==="blur")Ce(n,i,l,c);else if(d==="gaussian")et(n,c,o);else if(d==="grain")Et(n,i,l,c,o);else if(d==="salt-pepper")tt(n,c,o,3);else if(d==="salt-pepper-channels")tt(n,c,o,1);else if(d==="jpeg")n=Float32Array.from(await s(Mt(n),i,l,c));else if(d==="downscale")n=ya(n,i,l,c);else{if(i%c||l%c)throw new RangeError(`Cannot shrink ${i}×${l} by ${c}`);n=Me(n,i,l,i/c,l/c),[i,l]=[i/c,l/c]}return Mt(n)}function Nt(r){let e=0,t=1;for(let{name:a,strength:o}of r)a==="blur"?e+=t*Math.ceil(3*o):a==="grain"?e+=t*Ot:a==="jpeg"?e+=t*16:a==="downscale"&&o>1?e+=t*Math.ceil(4*o):a==="shrink"&&(e+=t*2*o,t*=o);return Math.ceil(e/t)*t}function Mt(r){return new Uint8Array(Uint8ClampedArray.from(r).buffer)}function ya(r,e,t,a){let o=Math.max(1,Math.round(e/a)),s=Math.max(1,Math.round(t/a)),n=Me(r,e,t,o,s);return Me(n,o,s,e,t)}var va=2,wa=20,ve=class{#e;#r;#t;#o;constructor(e,t){let{patch:a,batch:o}=t;if(!(Number.isInteger(a)&&a>0&&Number.isInteger(o)&&o>0))throw new RangeError(`Cannot cut patches: ${o} of ${a} pixels is not a batch`);if(!t.recipe&&!e.paired)throw new S("Plain photos need a degradation recipe: give one, e.g. --degrade photo");if(this.#e=e,this.#r=t,this.#t=t.indices??e.photos.map((n,i)=>i),this.#t.length===0)throw new S("There is no photo to cut patches from: give more photos");let s=0;this.#o=Float64Array.from(this.#t,n=>{let{width:i,height:l}=e.photos[n];return s+=i*l})}async batch(e){let{batch:t,patch:a}=this.#r,o=new Float32Array(t*a*a*3),s=new Float32Array(o.length*(this.#r.recipe?.scale??1)**2),n=Array.from({length:t},(i,l)=>this.#a(e,l,o,s));return await Promise.all(n),{input:o,target:s}}async#a(e,t,a,o){let{seed:s,batch:n,patch:i,recipe:l,jpeg:d,onto:c="high",augment:u=!0}=this.#r,p=l?.scale??1,f=i*p,m=new ie(s,e,t),{index:h,high:g,low:v}=await this.#s(m,e*n+t),{width:w,height:y}=this.#e.photos[h],_=Array.from({length:u?va:1},()=>({left:p*m.below(Math.floor(Math.max(w-f,0)/p)+1),top:p*m.below(Math.floor(Math.max(y-f,0)/p)+1)})),{left:T,top:$}=ba(g,w,y,f,_),E=u?m.below(8):0,U=t*i*i*3;if(!l){let ee=pa=>Ee(pa,w,y,{left:T,top:$,width:i,height:i});ye(a,U,i,{rgb:ee(v),width:i,left:0,top:0},E),ye(o,U,i,{rgb:ee(g),width:i,left:0,top:0},E);return}let O=l.sample(m),A=Nt(O),N=O.some(({name:ee})=>ee==="jpeg")?16:1,L=Math.max(T-A+p*m.below(N),0),Q=Math.max($-A+p*m.below(N),0),J=ee=>Math.max(ee-ee%p,f),se=Math.min(T+f+A,J(w)),Z=Math.min($+f+A,J(y)),ne={left:L,top:Q,width:se-L,height:Z-Q},kt=Ee(g,w,y,ne),ca=c==="low"&&v?Ee(v,w,y,ne):kt,da=await Ut(ca,ne.width,ne.height,O,m,d),Je={left:T-L,top:$-Q};ye(o,U*p**2,f,{rgb:kt,width:ne.width,...Je},E);let ua={width:ne.width/p,left:Je.left/p,top:Je.top/p};ye(a,U,i,{rgb:da,...ua},E)}async#s(e,t){for(let a=0;;a++){let o=this.#r.choose==="each"?(t+a)%this.#t.length:this.#n(e.uniform()),s=this.#t[o];try{return{index:s,...await this.#e.load(s)}}catch(n){if(!(n instanceof S)||a===wa)throw n}}}#n(e){let t=e*this.#o[this.#o.length-1],a=0,o=this.#o.length-1;for(;a<o;){let s=a+o>>1;this.#o[s]>t?o=s:a=s+1}return a}};function ba(r,e,t,a,o){let s=({left:i,top:l})=>{let d=0;for(let c=l;c<Math.min(l+a,t);c+=4)for(let u=i;u+1<Math.min(i+a,e);u+=4){let p=(c*e+u)*3+1;d+=Math.abs(r[p]-r[p+3])}return d},n=o.map(s);return o[n.indexOf(Math.max(...n))]}var xa=2**40;function $t(r,e){let{count:t,size:a,seed:o,indices:s,recipe:n,jpeg:i,onto:l}=e;return new ve(r,{patch:a,batch:t,seed:o,indices:s,recipe:n,jpeg:i,onto:l,augment:!1,choose:"each"}).batch(xa)}function Gt(r,e,t){if(!(e>=0&&e<1))throw new RangeError(`Cannot split: the held-out share must be in 0..1, got ${e}`);let a=r.map((l,d)=>d);if(e===0)return{train:a,validation:[]};if(r.length<=1)return{train:a,validation:a};let o=Math.min(Math.max(Math.round(e*r.length),1),r.length-1),s=r.map(({name:l})=>_a(l,t)),n=a.toSorted((l,d)=>s[l]-s[d]||l-d),i=new Set(n.slice(0,o));return{train:a.filter(l=>!i.has(l)),validation:a.filter(l=>i.has(l))}}function _a(r,e){let t=2166136261^e;for(let a=0;a<r.length;a++)t=Math.imul(t^r.charCodeAt(a),16777619);return t=Math.imul(t^t>>>16,2246822507),t=Math.imul(t^t>>>13,3266489909),(t^t>>>16)>>>0}var at={blur:{low:0,high:20,meaning:"sigma in pixels",example:"blur:0.5-2"},gaussian:{low:0,high:255,meaning:"sigma of the noise",example:"gaussian:25"},grain:{low:0,high:255,meaning:"sigma of coarse noise",example:"grain:10"},"salt-pepper":{low:0,high:1,meaning:"share of the pixels",example:"salt-pepper:0.01"},"salt-pepper-channels":{low:0,high:1,meaning:"share of each channel's values",example:"salt-pepper-channels:0.01"},jpeg:{low:1,high:100,meaning:"quality",example:"jpeg:30-90"},downscale:{low:1,high:16,meaning:"factor",example:"downscale:2"},shrink:{low:2,high:4,meaning:"whole factor, the photo stays small",example:"shrink:2"}},Ue={none:"none",trial1:"none",trial2:"blur:1-2",trial3:"salt-pepper:0.02,blur:2-3",trial4:"salt-pepper:0-0.01,blur:0.5-1.5 | blur:0.5-1.5,salt-pepper:0-0.02 | mix(blur:0.5-1.5,salt-pepper:0-0.02,gaussian:0-15)",photo:"6*mix(blur:0-2*3,gaussian:0-30*4,grain:0-20,salt-pepper:0-0.03,jpeg:20-100*6) | 2*gaussian:10-30 | 2*jpeg:15-70 | 3*salt-pepper:0-0.03,blur:0.5-2 | blur:0-2,salt-pepper:0-0.03 | none",impulse:"2*salt-pepper:0-0.1 | 3*salt-pepper:0-0.6 | 2*salt-pepper-channels:0-0.6 | none"},ka=.1,Sa=.2,Ta=.75;function It(r){let e=r.trim(),a=(Object.hasOwn(Ue,e)?Ue[e]:e).split("|").map(i=>Aa(i.trim(),r)),o=Ra(a.map(({items:i})=>i),r),s=a.reduce((i,{weight:l})=>i+l,0),n=a.map(({weight:i,items:l})=>`${i===1?"":`${we(i)}*`}${Ea(l)}`).join(" | ");return{name:Object.hasOwn(Ue,e)?e:n,text:n,scale:o,sample:i=>{let l=a.length>1?i.uniform()*s:0,{items:d}=a.find(({weight:c})=>(l-=c)<0)??a[a.length-1];return d.flatMap(c=>"mix"in c?Pa(c.mix,i):Ft(c.step,i))}}}function Aa(r,e){let t=r.match(/^(\d*\.?\d+)\s*\*\s*(.*)$/),a=t?Number(t[1]):1;if(a===0)throw z(e,`'${r}' has the weight 0`);let o=t?t[2]:r;return{weight:a,items:o==="none"?[]:Kt(o,e).map(s=>Oa(s,e))}}function Ra(r,e){let t=r.map(a=>a.reduce((o,s)=>{if("mix"in s){if(s.mix.some(({name:d})=>d==="shrink"))throw z(e,"a mix cannot shrink the photo");return o}let{name:n,low:i,high:l}=s.step;if(n!=="shrink")return o;if(i!==l||!Number.isInteger(i))throw z(e,"shrink takes one whole factor");return o*i},1));if(new Set(t).size>1)throw z(e,"its alternatives shrink the photo differently");return t[0]}function Ft({name:r,low:e,high:t},a){let o=a.between(e,t);return{name:r,strength:r==="jpeg"?Math.round(o):o}}function Pa(r,e){if(e.uniform()<ka)return[];let t=e.uniform()*r.reduce((i,{weight:l})=>i+l,0),a=r.findIndex(({weight:i})=>(t-=i)<0),o=a<0?r.length-1:a,s=e.shuffled(r.filter((i,l)=>l===o||e.uniform()<Sa)),n=s.findIndex(i=>i.name==="jpeg");return n>=0&&e.uniform()<Ta&&s.push(...s.splice(n,1)),s.map(i=>Ft(i,e))}function Kt(r,e){let t=r.match(/(?:[^,()]|\([^()]*\))+/g)??[];if(r.trim()==="")throw z(e,"it is empty or has an empty mix");if(t.join(",")!==r)throw z(e,"a comma or a bracket is misplaced");return t.map(a=>a.trim())}function Oa(r,e){let t=r.match(/^mix\((.*)\)$/);return t?{mix:Kt(t[1],e).map(a=>{let o=a.match(/^(.*?)\s*\*\s*(\d*\.?\d+)$/);if(!o)return rt(a,e);let s=Number(o[2]);if(s===0)throw z(e,`'${a}' has the weight 0`);return{...rt(o[1],e),weight:s}})}:{step:rt(r,e)}}function rt(r,e){let t=r.match(/^([a-z-]+)\s*:\s*(\d*\.?\d+)(?:\s*-\s*(\d*\.?\d+))?$/);if(!t)throw z(e,`'${r}' is not NAME:STRENGTH or NAME:LOW-HIGH`);let[,a,o,s=o]=t;if(!Object.hasOwn(at,a))throw z(e,`there is no step '${a}'`);let n=at[a],i=Number(o),l=Number(s);if(i>l)throw z(e,`'${r}' has its range the wrong way round`);if(i<n.low||l>n.high)throw z(e,`'${r}' is outside ${n.low}..${n.high} (${n.meaning})`);return{name:a,low:i,high:l,weight:1}}function Ea(r){let e=({name:t,low:a,high:o,weight:s})=>`${t}:${a===o?we(a):`${we(a)}-${we(o)}`}${s===1?"":`*${we(s)}`}`;return r.map(t=>"mix"in t?`mix(${t.mix.map(e).join(",")})`:e(t.step)).join(",")||"none"}function we(r){return String(r).includes("e")?r.toFixed(20).replace(/\.?0+$/,""):String(r)}function z(r,e){let t=Object.values(at).map(({example:a,meaning:o,low:s,high:n})=>`${a} (${o}, ${s}..${n})`);return new S(`Cannot read the degradation recipe '${r}': ${e}; steps are ${t.join(", ")}, joined by commas, as mix(...) or as alternatives parted by |; presets are ${Object.keys(Ue).join(", ")}`,{exitCode:2})}var b=class extends Error{name="GpuError"},D=class extends b{name="GpuOutOfMemoryError"},te=class extends b{name="GpuLostError"};var ot={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate_as(v: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return max(v, vec4f()); }
  if (kind == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn slope_as(y: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (kind == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}

fn activate(v: vec4f) -> vec4f { return activate_as(v, ACTIVATION); }

fn activation_slope(y: vec4f) -> vec4f { return slope_as(y, ACTIVATION); }
`,adam:`// Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), clipping of the gradient's
// global norm (Pascanu et al. 2013) and an exponential moving average of the weights, elementwise over all parameters:
//   g ← g · min(1, max_norm / ‖g‖); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
//   p ← p - lr · (m · correction₁ / (√(v · correction₂) + ε) + decay · p); average ← average + (1-ema) · (p - average)
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: [count] vec4 f32; norm: ‖g‖² in x. An invocation owns one vec4.
struct Params { count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let norm_root = sqrt(norm[0].x);
  var scale = 1.0;
  if (now.max_norm > 0.0 && norm_root > now.max_norm) { scale = now.max_norm / norm_root; }
  let gradient = g[index] * scale;
  let first = fma(vec4f(1.0 - now.beta1), gradient - m[index], m[index]);
  let second = fma(vec4f(1.0 - now.beta2), gradient * gradient - v[index], v[index]);
  m[index] = first;
  v[index] = second;
  let before = p[index];
  let update = first * now.correction1 / (sqrt(second * now.correction2) + vec4f(now.epsilon)) + now.decay * before;
  let after = before - now.learning_rate * update;
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,add:`// Residual add: y = a + b, elementwise over vec4s, each tensor of f32 or f16, summed in f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<a4>;
@group(0) @binding(2) var<storage, read> b: array<b4>;
@group(0) @binding(3) var<storage, read_write> y: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = result4(vec4f(a[index]) + vec4f(b[index]));
}
`,add_at_extremes:`// Correction of extremes: y = x + r where x ≤ 0 or x ≥ 1, else y = x, each channel by itself; elementwise over vec4s of f32;
// r may be f16.
// An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> r: array<correction4>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let value = x[index];
  let good = (value > vec4f(0.0)) & (value < vec4f(1.0));
  y[index] = select(value + vec4f(r[index]), value, good);
}
`,add_at_extremes_grad:`// Gradient of a correction of extremes for the correction r: dr = activation_slope(r) * dy where x ≤ 0 or x ≥ 1, else 0, each channel by
// itself; elementwise over vec4 f32; added to what dr holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dr: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let value = x[index];
  let good = (value > vec4f(0.0)) & (value < vec4f(1.0));
  var gradient = select(dy[index] * activation_slope(activated[index]), vec4f(0.0), good);
  if (params.accumulate != 0) { gradient += dr[index]; }
  dr[index] = gradient;
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4 f32;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = dy[index] * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,add_grad_in_place:`// Gradient of a residual add, for both of its terms at once: da = activation_slope(a) * dy takes the place of dy, which nobody needs
// any more, and db = activation_slope(b) * dy is added to what db holds when params.accumulate is set. Elementwise over vec4 f32; an
// invocation owns one vec4.
struct Params { count: i32, accumulate: i32, activation_a: u32, activation_b: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> db: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = dy[index];
  dy[index] = gradient * slope_as(a[index], params.activation_a);
  var to_b = gradient * slope_as(b[index], params.activation_b);
  if (params.accumulate != 0) { to_b += db[index]; }
  db[index] = to_b;
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  var pixel = slice * params.slice_pixels;
  loop {
    sum += dy[pixel * params.out4 + o];
    pixel++;
    if (pixel >= end) { break; }
  }
  partials[index] = sum;
}
`,conv2d_gemm:`// Convolution k×k of any stride, and its input gradient, as a matrix product (implicit GEMM, on top of gemm_tile.wgsl): rows are pixels of
// the result, columns its channels, k runs over channels of the source (4·K4 at a time) and, inside of these, over taps.
// Forward: y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// Input gradient: dx = activation_slope(x) * (the same over dy, taps turned by 180°, inputs and outputs exchanged), added to what dx
// holds when params.accumulate is set; with stride 2, dy is read as if there were zeros between its pixels.
// Sources a and b, joined along the channels: [N,H,W,4·(a4|b4)]; a is smaller by 2^shift: nearest upsampling by the address, or the
// zeros between pixels (params.holes 1). w: [k·k][4·in4][out4] vec4 over outputs, as the parameters lie. y: [N,rows,columns,4·target4].
// All are f32 or f16, added up in f32: where products are f16 (CHUNK not 0), their sums over CHUNK fetches of k are added to f32 ones.
// A workgroup owns 8 pixels across by M/8 down. An invocation fetches four pixels by four channels of A, or a 4×4 block of B.
struct Params {
  batch: i32, rows: i32, columns: i32, height: i32, width: i32,
  a4: i32, b4: i32, shift: u32, holes: i32,
  target4: i32, in4: i32, out4: i32, first4: i32,
  kernel: i32, stride: i32, batch_weights: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read> activated: array<activated4>;
@group(0) @binding(6) var<storage, read_write> y: array<result4>;

// 0: input gradient. 1: forward. 2: the product alone, each of the batch with weights of its own, params.batch_weights vec4s apart.
override MODE: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;

// Four channels of a pixel of the sources; outside of the image and between pixels zero, with the load kept inside.
fn pixel(n: i32, row: i32, column: i32, c: i32) -> tile4 {
  let kept_row = clamp(row, 0, params.height - 1);
  let kept_column = clamp(column, 0, params.width - 1);
  let inside = row == kept_row && column == kept_column && ((row | column) & params.holes) == 0;
  var v: tile4;
  if (c < params.a4 || params.b4 == 0) {
    let base = (n * (params.height >> params.shift) + (kept_row >> params.shift)) * (params.width >> params.shift);
    v = tile4(a[(base + (kept_column >> params.shift)) * params.a4 + min(c, params.a4 - 1)]);
  } else {
    v = tile4(b[((n * params.height + kept_row) * params.width + kept_column) * params.b4 + min(c - params.a4, params.b4 - 1)]);
  }
  return select(tile4(), v, inside && c < params.a4 + params.b4);
}

// Four channels of the source from c on by four of the result; beyond either count zero. As stored: rows of B, or (gradient) its columns.
fn weights(n: i32, tap: i32, c: i32, o: i32) -> Four {
  let inside = o < params.target4 && c < params.a4 + params.b4;
  let kept_o = min(o, params.target4 - 1);
  let kept_c = min(c, params.a4 + params.b4 - 1);
  var at = n * params.batch_weights + (tap * params.in4 + kept_c) * 4 * params.out4 + kept_o;
  if (MODE == 0u) {
    let turned = params.kernel * params.kernel - 1 - tap;
    at = (turned * params.in4 + params.first4 + kept_o) * 4 * params.out4 + kept_c;
  }
  let v = Four(
    tile4(w[at]),
    tile4(w[at + params.out4]),
    tile4(w[at + 2 * params.out4]),
    tile4(w[at + 3 * params.out4]),
  );
  return Four(
    select(tile4(), v.v0, inside),
    select(tile4(), v.v1, inside),
    select(tile4(), v.v2, inside),
    select(tile4(), v.v3, inside),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE == 1u) {
    var result = activate_as(value, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = result4(result);
  } else if (MODE == 0u) {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = result4(gradient);
  } else {
    y[at] = result4(value);
  }
}

// The sums of an invocation in f32.
struct Totals {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
  t0: vec4f,
  t1: vec4f,
  t2: vec4f,
  t3: vec4f,
  t4: vec4f,
  t5: vec4f,
  t6: vec4f,
  t7: vec4f,
}

fn added(t: Totals, s: Sums) -> Totals {
  return Totals(
    t.s0 + vec4f(s.s0),
    t.s1 + vec4f(s.s1),
    t.s2 + vec4f(s.s2),
    t.s3 + vec4f(s.s3),
    t.s4 + vec4f(s.s4),
    t.s5 + vec4f(s.s5),
    t.s6 + vec4f(s.s6),
    t.s7 + vec4f(s.s7),
    t.t0 + vec4f(s.t0),
    t.t1 + vec4f(s.t1),
    t.t2 + vec4f(s.t2),
    t.t3 + vec4f(s.t3),
    t.t4 + vec4f(s.t4),
    t.t5 + vec4f(s.t5),
    t.t6 + vec4f(s.t6),
    t.t7 + vec4f(s.t7),
  );
}

// Four pixels of a row, four channels.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

// Stores four pixels of a row by four channels, those that are inside.
fn store(n: i32, row: i32, column: i32, o: i32, f: Pixels) {
  if (row >= params.rows || o >= params.target4) { return; }
  let at = ((n * params.rows + row) * params.columns + column) * params.target4 + o;
  if (column < params.columns) { put(at, f.v0); }
  if (column + 1 < params.columns) { put(at + params.target4, f.v1); }
  if (column + 2 < params.columns) { put(at + 2 * params.target4, f.v2); }
  if (column + 3 < params.columns) { put(at + 3 * params.target4, f.v3); }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.columns + 7) / 8;
  let down = (params.rows + M / 8 - 1) / (M / 8);
  let tile = i32(group.x + group.y * groups.x);
  if (tile >= params.batch * down * across) { return; }
  let column0 = tile % across * 8;
  let row0 = tile / across % down * (M / 8);
  let n = tile / (across * down);
  let o0 = i32(group.z) * COLUMNS;

  // What this invocation fetches: pixels (the first M/4·K4 of them), weights (the next N/4·K4), or nothing.
  let t = i32(local);
  let fetches_pixels = t < QUADS * K4;
  let u = t - QUADS * K4;
  let fetches_weights = !fetches_pixels && u < COLUMNS * K4;
  let vec = select(u / COLUMNS, t % K4, fetches_pixels);
  let place = select(u % COLUMNS, t / K4, fetches_pixels);
  let radius = (params.kernel - 1) / 2;
  let row = (row0 + place / 2) * params.stride - radius;
  let column = (column0 + place % 2 * 4) * params.stride - radius;

  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  var b0 = vec4f();
  var b1 = vec4f();
  if (MODE == 1u) {
    b0 = vec4f(bias[min(o0 + o, params.target4 - 1)]);
    b1 = vec4f(bias[min(o0 + o + ACROSS_N, params.target4 - 1)]);
  }
  // The bias is where the sums are f32.
  var s = Sums();
  var total = Totals();
  if (CHUNK == 0) {
    let p0 = product4(b0);
    let p1 = product4(b1);
    s = Sums(p0, p0, p0, p0, p0, p0, p0, p0, p1, p1, p1, p1, p1, p1, p1, p1);
  } else {
    total = Totals(b0, b0, b0, b0, b0, b0, b0, b0, b1, b1, b1, b1, b1, b1, b1, b1);
  }

  let steps = (params.a4 + params.b4 + K4 - 1) / K4 * params.kernel * params.kernel;
  var ky = 0;
  var kx = 0;
  var c = vec;
  // Fetched in one round, multiplied in the next: the loads have a whole round of multiply-adds to come back.
  for (var step = -1; step < steps; step++) {
    var held = Four();
    if (step + 1 < steps) {
      if (fetches_pixels) {
        held = transposed(Four(
          pixel(n, row + ky, column + kx, c),
          pixel(n, row + ky, column + params.stride + kx, c),
          pixel(n, row + ky, column + 2 * params.stride + kx, c),
          pixel(n, row + ky, column + 3 * params.stride + kx, c),
        ));
      } else if (fetches_weights) {
        held = weights(n, ky * params.kernel + kx, c, o0 + place);
        if (MODE == 0u) { held = transposed(held); }
      }
      kx++;
      if (kx == params.kernel) {
        kx = 0;
        ky++;
        if (ky == params.kernel) {
          ky = 0;
          c += K4;
        }
      }
    }
    if (step >= 0) {
      multiply(&s, step & 1, m, o);
      if (CHUNK != 0) {
        if (step % max(CHUNK, 1) == CHUNK - 1) {
          total = added(total, s);
          s = Sums();
        }
      }
    }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + vec * 4;
      if (fetches_pixels) {
        tile_a[k * QUADS + place] = held.v0;
        tile_a[(k + 1) * QUADS + place] = held.v1;
        tile_a[(k + 2) * QUADS + place] = held.v2;
        tile_a[(k + 3) * QUADS + place] = held.v3;
      } else if (fetches_weights) {
        tile_b[k * COLUMNS + place] = held.v0;
        tile_b[(k + 1) * COLUMNS + place] = held.v1;
        tile_b[(k + 2) * COLUMNS + place] = held.v2;
        tile_b[(k + 3) * COLUMNS + place] = held.v3;
      }
    }
    workgroupBarrier();
  }

  total = added(total, s);
  let near = row0 + m / 2;
  let far = row0 + (m + ACROSS_M) / 2;
  let first = column0 + m % 2 * 4;
  store(n, near, first, o0 + o, Pixels(total.s0, total.s1, total.s2, total.s3));
  store(n, far, first, o0 + o, Pixels(total.s4, total.s5, total.s6, total.s7));
  if (VECS == 2) {
    store(n, near, first, o0 + o + ACROSS_N, Pixels(total.t0, total.t1, total.t2, total.t3));
    store(n, far, first, o0 + o + ACROSS_N, Pixels(total.t4, total.t5, total.t6, total.t7));
  }
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4] f32, w: [k·k][4·in4][out4] vec4, dx: [N,H,W,4·target4] f32 for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = dy[at + o];
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(activated[index]);
  if (params.accumulate != 0) { sum += dx[index]; }
  dx[index] = sum;
}
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4]; f32 or f16, summed in f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read_write> y: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = vec4f(bias[o]);
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = vec4f(a[at_a + c]); } else { v = vec4f(b[at_b + c - params.a4]); }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), vec4f(w[t]), sum);
        sum = fma(vec4f(v.y), vec4f(w[t + params.out4]), sum);
        sum = fma(vec4f(v.z), vec4f(w[t + 2 * params.out4]), sum);
        sum = fma(vec4f(v.w), vec4f(w[t + 3 * params.out4]), sum);
      }
    }
  }
  y[index] = result4(activate(sum));
}
`,conv2d_pack:`// Rearranges the weights of a 3×3 convolution for conv2d_tile8 and conv2d_tile8x4.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, padded with zeros; bias: [out4] vec4; both f32 or f16.
// packed: blocks of 8 results, \`params.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias, all f32, for the source's channels
// 4·source_first4 .. 4·(source_first4 + source4).
// FORWARD 1: sources are inputs, as they are. FORWARD 0: sources are outputs, for the gradient of the inputs
// 4·first4 .. 4·(first4 + target4): the taps turned by 180°, inputs and outputs exchanged, bias zero.
// An invocation owns four channels of the source by four results for one tap.
struct Params {
  in4: i32, out4: i32, source4: i32, source_first4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<weight4>;
@group(0) @binding(2) var<storage, read> bias: array<weight4>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let half = index & 1;
  let row = index >> 1u;
  let source = row % params.source4;
  let place = row / params.source4;
  let tap = place % 9;
  let block = place / 9;
  // The last block's second half may be missing: it is read from inside, and becomes zero.
  let result = block * 2 + half;
  let kept = min(result, params.target4 - 1);
  let is = select(0.0, 1.0, result == kept);
  let channel = params.source_first4 + source;
  let to = block * params.block_vec4s + row % (9 * params.source4) * 8 + half;
  if (FORWARD == 1u) {
    let at = (tap * params.in4 + channel) * 4 * params.out4 + kept;
    packed[to] = is * vec4f(weight[at]);
    packed[to + 2] = is * vec4f(weight[at + params.out4]);
    packed[to + 4] = is * vec4f(weight[at + 2 * params.out4]);
    packed[to + 6] = is * vec4f(weight[at + 3 * params.out4]);
  } else {
    let at = ((8 - tap) * params.in4 + params.first4 + kept) * 4 * params.out4 + channel;
    let v0 = is * vec4f(weight[at]);
    let v1 = is * vec4f(weight[at + params.out4]);
    let v2 = is * vec4f(weight[at + 2 * params.out4]);
    let v3 = is * vec4f(weight[at + 3 * params.out4]);
    packed[to] = vec4f(v0.x, v1.x, v2.x, v3.x);
    packed[to + 2] = vec4f(v0.y, v1.y, v2.y, v3.y);
    packed[to + 4] = vec4f(v0.z, v1.z, v2.z, v3.z);
    packed[to + 6] = vec4f(v0.w, v1.w, v2.w, v3.w);
  }
  if (tap == 0 && source == 0) {
    var value = vec4f();
    if (FORWARD == 1u) { value = is * vec4f(bias[kept]); }
    packed[block * params.block_vec4s + 72 * params.source4 + half] = value;
  }
}
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation (in workgroups of WORKGROUP):
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: channels 4·first4 .. 4·(first4 + in4) of one source [N,H,W,4·x4], f32 or f16, of half the size when params.shift is 1 (nearest upsampling
// by the address). Of joined sources, or parts of one, the first is run with params.activation 0, and the others add to it (MODE 2).
// y: [N,H,W,4·out4], f32 or f16; sums are f32. Channels beyond the tensor's own are zero.
// w: f32, blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, blocks: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> y: array<result4>;

// 0: input gradient (activation_slope of \`activated\`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;
// 0: blocks lie along z, so that all lanes read the same weights. 1: blocks follow each other among the lanes, so that few tiles fill
// them as well: on a processor a load costs the same whatever the lanes read.
override BLOCKS_IN_LANES: u32 = 0u;

// Which tile of \`tiles\` and which block of outputs an invocation owns; \`inside\` is false where there is none.
struct Place {
  tile: i32,
  block: i32,
  inside: bool,
}

fn place(id: vec3u, group: vec3u, groups: vec3u, tiles: i32) -> Place {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (BLOCKS_IN_LANES == 1u) { return Place(index % tiles, index / tiles, index < tiles * params.blocks); }
  return Place(index, i32(group.z), index < tiles);
}

// Ten pixels of a row of x, four channels: the eight of the tile and one on either side.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
  v4: vec4f,
  v5: vec4f,
  v6: vec4f,
  v7: vec4f,
  v8: vec4f,
  v9: vec4f,
}
// Eight pixels of a row of y, four channels.
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
}
// A tap's weights of four inputs by four outputs.
struct Tap {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

fn tap(at: i32) -> Tap { return Tap(w[at], w[at + 2], w[at + 4], w[at + 6]); }

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  let v = vec4f(x[(base + (kept >> params.shift)) * params.x4 + params.first4 + c]);
  return select(vec4f(), v, inside && column == kept);
}

fn pixels(n: i32, row: i32, x0: i32, c: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  return Pixels(
    pixel(base, x0 - 1, c, inside),
    pixel(base, x0, c, inside),
    pixel(base, x0 + 1, c, inside),
    pixel(base, x0 + 2, c, inside),
    pixel(base, x0 + 3, c, inside),
    pixel(base, x0 + 4, c, inside),
    pixel(base, x0 + 5, c, inside),
    pixel(base, x0 + 6, c, inside),
    pixel(base, x0 + 7, c, inside),
    pixel(base, x0 + 8, c, inside),
  );
}

fn mac(sum: vec4f, v: vec4f, t: Tap) -> vec4f {
  return fma(t.i3, vec4f(v.w), fma(t.i2, vec4f(v.z), fma(t.i1, vec4f(v.y), fma(t.i0, vec4f(v.x), sum))));
}

// Adds a row of three taps over a row of pixels.
fn taps(before: Sums, v: Pixels, left: Tap, middle: Tap, right: Tap) -> Sums {
  var s = before;
  s.s0 = mac(s.s0, v.v0, left);
  s.s1 = mac(s.s1, v.v1, left);
  s.s2 = mac(s.s2, v.v2, left);
  s.s3 = mac(s.s3, v.v3, left);
  s.s4 = mac(s.s4, v.v4, left);
  s.s5 = mac(s.s5, v.v5, left);
  s.s6 = mac(s.s6, v.v6, left);
  s.s7 = mac(s.s7, v.v7, left);
  s.s0 = mac(s.s0, v.v1, middle);
  s.s1 = mac(s.s1, v.v2, middle);
  s.s2 = mac(s.s2, v.v3, middle);
  s.s3 = mac(s.s3, v.v4, middle);
  s.s4 = mac(s.s4, v.v5, middle);
  s.s5 = mac(s.s5, v.v6, middle);
  s.s6 = mac(s.s6, v.v7, middle);
  s.s7 = mac(s.s7, v.v8, middle);
  s.s0 = mac(s.s0, v.v2, right);
  s.s1 = mac(s.s1, v.v3, right);
  s.s2 = mac(s.s2, v.v4, right);
  s.s3 = mac(s.s3, v.v5, right);
  s.s4 = mac(s.s4, v.v6, right);
  s.s5 = mac(s.s5, v.v7, right);
  s.s6 = mac(s.s6, v.v8, right);
  s.s7 = mac(s.s7, v.v9, right);
  return s;
}

fn eight(value: vec4f) -> Sums { return Sums(value, value, value, value, value, value, value, value); }

// What y holds, to add to; a pixel outside of the row reads one inside, and is not stored.
fn loaded(at: i32, last: i32) -> Sums {
  return Sums(
    vec4f(y[at]),
    vec4f(y[at + min(1, last) * params.out4]),
    vec4f(y[at + min(2, last) * params.out4]),
    vec4f(y[at + min(3, last) * params.out4]),
    vec4f(y[at + min(4, last) * params.out4]),
    vec4f(y[at + min(5, last) * params.out4]),
    vec4f(y[at + min(6, last) * params.out4]),
    vec4f(y[at + min(7, last) * params.out4]),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    var result = activate_as(value, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = result4(result);
  } else {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = result4(gradient);
  }
}

// Stores a row of which the pixels up to \`last\` are inside of the image.
fn store(at: i32, last: i32, s: Sums) {
  put(at, s.s0);
  if (last >= 1) { put(at + 1 * params.out4, s.s1); }
  if (last >= 2) { put(at + 2 * params.out4, s.s2); }
  if (last >= 3) { put(at + 3 * params.out4, s.s3); }
  if (last >= 4) { put(at + 4 * params.out4, s.s4); }
  if (last >= 5) { put(at + 5 * params.out4, s.s5); }
  if (last >= 6) { put(at + 6 * params.out4, s.s6); }
  if (last >= 7) { put(at + 7 * params.out4, s.s7); }
}
`,conv2d_tile8:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. An eighth of the code of
// conv2d_tile8x4, so it compiles quickly everywhere, and its accumulators fit into the registers of a GPU.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let at_place = place(id, group, groups, params.batch * across * params.height);
  if (!at_place.inside) { return; }
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = at_place.block * params.block_vec4s;
  let out = (params.first_block + at_place.block) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = eight(w[bias]);
  var s1 = eight(w[bias + 1]);
  if (MODE == 2u) {
    s0 = loaded(at, last);
    s1 = loaded(at + select(0, 1, two), last);
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    var ky = 0;
    loop {
      let v = pixels(n, y0 + ky - 1, x0, c);
      let first = block + (ky * 3 * params.in4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
      ky++;
      if (ky >= 3) { break; }
    }
    c++;
    if (c >= params.in4) { break; }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
`,conv2d_tile8x4:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8×4 pixels by 4·OUTPUTS4 outputs (4, 8 or 16: one, two or four vec4s; 16 are two blocks of weights): up to 128 vec4
// accumulators, no barrier, no workgroup memory. On a software adapter a load of a vec4 costs as much as twenty multiply-adds of one, from
// a storage buffer twice that: so the tile is large, every pixel and weight is loaded once for each four inputs, and the sums spill to
// the stack, which is cheap. A compiler that takes long over straight code (SwiftShader's: minutes) is better served by conv2d_tile8.

// Four rows of eight pixels, four channels.
struct Tile {
  r0: Sums,
  r1: Sums,
  r2: Sums,
  r3: Sums,
}

fn filled(value: vec4f) -> Tile { return Tile(eight(value), eight(value), eight(value), eight(value)); }

// A kernel's nine taps, row by row.
struct Kernel {
  w00: Tap,
  w01: Tap,
  w02: Tap,
  w10: Tap,
  w11: Tap,
  w12: Tap,
  w20: Tap,
  w21: Tap,
  w22: Tap,
}

// The taps from \`first\` on, \`step\` apart.
fn kernel(first: i32, step: i32) -> Kernel {
  return Kernel(
    tap(first),
    tap(first + step),
    tap(first + 2 * step),
    tap(first + 3 * step),
    tap(first + 4 * step),
    tap(first + 5 * step),
    tap(first + 6 * step),
    tap(first + 7 * step),
    tap(first + 8 * step),
  );
}

// Adds what a row of pixels gives to a row of results that meets it with the kernel's first, second or third row.
fn first_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w00, k.w01, k.w02); }
fn second_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w10, k.w11, k.w12); }
fn third_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w20, k.w21, k.w22); }

// Adds what each of the six rows of pixels that a tile meets gives to it.
fn add0(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(first_row(s.r0, v, k), s.r1, s.r2, s.r3); }
fn add1(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(second_row(s.r0, v, k), first_row(s.r1, v, k), s.r2, s.r3); }
fn add2(s: Tile, v: Pixels, k: Kernel) -> Tile {
  return Tile(third_row(s.r0, v, k), second_row(s.r1, v, k), first_row(s.r2, v, k), s.r3);
}
fn add3(s: Tile, v: Pixels, k: Kernel) -> Tile {
  return Tile(s.r0, third_row(s.r1, v, k), second_row(s.r2, v, k), first_row(s.r3, v, k));
}
fn add4(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(s.r0, s.r1, third_row(s.r2, v, k), second_row(s.r3, v, k)); }
fn add5(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(s.r0, s.r1, s.r2, third_row(s.r3, v, k)); }

// What y holds, to add to, from the tile's first pixel on; \`below\` rows are inside of the image. What is outside reads inside, and is not stored.
fn tile_loaded(at: i32, row: i32, below: i32, last: i32) -> Tile {
  return Tile(
    loaded(at, last),
    loaded(at + min(1, below) * row, last),
    loaded(at + min(2, below) * row, last),
    loaded(at + min(3, below) * row, last),
  );
}

fn tile_store(at: i32, row: i32, below: i32, last: i32, s: Tile) {
  store(at, last, s.r0);
  if (below >= 1) { store(at + row, last, s.r1); }
  if (below >= 2) { store(at + 2 * row, last, s.r2); }
  if (below >= 3) { store(at + 3 * row, last, s.r3); }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let at_place = place(id, group, groups, params.batch * across * down);
  if (!at_place.inside) { return; }
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  // Of four outputs, the first half of a block; of sixteen, two blocks.
  let block = at_place.block * ((OUTPUTS4 + 1) / 2) * params.block_vec4s;
  let out = params.first_block * 2 + at_place.block * OUTPUTS4;
  let last = min(7, params.width - 1 - x0);
  let below = params.height - 1 - y0;
  let row = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = filled(w[bias]);
  var s1 = filled(w[bias + 1]);
  var s2 = filled(w[bias + params.block_vec4s]);
  var s3 = filled(w[bias + params.block_vec4s + 1]);
  if (MODE == 2u) {
    let more = params.out4 - 1 - out;
    s0 = tile_loaded(at, row, below, last);
    if (OUTPUTS4 > 1) { s1 = tile_loaded(at + min(1, more), row, below, last); }
    if (OUTPUTS4 > 2) {
      s2 = tile_loaded(at + min(2, more), row, below, last);
      s3 = tile_loaded(at + min(3, more), row, below, last);
    }
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    let first = block + c * 8;
    // What is not used is not loaded.
    let k0 = kernel(first, step);
    let k1 = kernel(first + 1, step);
    let k2 = kernel(first + params.block_vec4s, step);
    let k3 = kernel(first + params.block_vec4s + 1, step);
    let v0 = pixels(n, y0 - 1, x0, c);
    s0 = add0(s0, v0, k0);
    if (OUTPUTS4 > 1) { s1 = add0(s1, v0, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add0(s2, v0, k2);
      s3 = add0(s3, v0, k3);
    }
    let v1 = pixels(n, y0, x0, c);
    s0 = add1(s0, v1, k0);
    if (OUTPUTS4 > 1) { s1 = add1(s1, v1, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add1(s2, v1, k2);
      s3 = add1(s3, v1, k3);
    }
    let v2 = pixels(n, y0 + 1, x0, c);
    s0 = add2(s0, v2, k0);
    if (OUTPUTS4 > 1) { s1 = add2(s1, v2, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add2(s2, v2, k2);
      s3 = add2(s3, v2, k3);
    }
    let v3 = pixels(n, y0 + 2, x0, c);
    s0 = add3(s0, v3, k0);
    if (OUTPUTS4 > 1) { s1 = add3(s1, v3, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add3(s2, v3, k2);
      s3 = add3(s3, v3, k3);
    }
    let v4 = pixels(n, y0 + 3, x0, c);
    s0 = add4(s0, v4, k0);
    if (OUTPUTS4 > 1) { s1 = add4(s1, v4, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add4(s2, v4, k2);
      s3 = add4(s3, v4, k3);
    }
    let v5 = pixels(n, y0 + 4, x0, c);
    s0 = add5(s0, v5, k0);
    if (OUTPUTS4 > 1) { s1 = add5(s1, v5, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add5(s2, v5, k2);
      s3 = add5(s3, v5, k3);
    }
    c++;
    // A loop that tests at its top walks its body once more on a processor, all lanes masked.
    if (c >= params.in4) { break; }
  }

  tile_store(at, row, below, last, s0);
  if (OUTPUTS4 > 1 && out + 1 < params.out4) { tile_store(at + 1, row, below, last, s1); }
  if (OUTPUTS4 > 2 && out + 2 < params.out4) { tile_store(at + 2, row, below, last, s2); }
  if (OUTPUTS4 > 2 && out + 3 < params.out4) { tile_store(at + 3, row, below, last, s3); }
}
`,conv2d_weight_grad_gemm:`// Weight gradient of a k×k convolution, any stride, as a matrix product (on top of gemm_tile.wgsl, K4 = 2): rows are taps and inputs,
// columns outputs, k runs over the pixels of a slice, eight of a row at a time:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order, so the same run gives the same bits.
// A quad of rows is a tap by four inputs, and taps follow each other without a gap: of three channels, nine quads are one tile.
// Both factors lie in memory as the product wants them, so a fetch is a copy.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  rows: i32, kernel: i32, stride: i32, across: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Four inputs that a tap meets at a pixel of dy; outside of the image and beyond the last tap zero.
fn input(n: i32, row: i32, column: i32, quad: i32) -> vec4f {
  let taps = params.kernel * params.kernel;
  let tap = min(quad / params.in4, taps - 1);
  let radius = (params.kernel - 1) / 2;
  let y = row * params.stride + tap / params.kernel - radius;
  let z = column * params.stride + tap % params.kernel - radius;
  let kept_y = clamp(y, 0, params.height - 1);
  let kept_z = clamp(z, 0, params.width - 1);
  let base = (n * (params.height >> params.shift) + (kept_y >> params.shift)) * (params.width >> params.shift);
  let v = x[(base + (kept_z >> params.shift)) * params.in4 + quad % params.in4];
  return select(vec4f(), v, y == kept_y && z == kept_z && quad < taps * params.in4);
}

// Four outputs of a pixel of dy; beyond the row and the last output zero.
fn gradient(row: i32, column: i32, o: i32) -> vec4f {
  let v = dy[(row * params.out_width + min(column, params.out_width - 1)) * params.out4 + min(o, params.out4 - 1)];
  return select(vec4f(), v, column < params.out_width && o < params.out4);
}

// Stores four inputs of a tap by four outputs, where there are such.
fn store(slice: i32, quad: i32, o: i32, f: Four) {
  let taps = params.kernel * params.kernel;
  if (quad >= taps * params.in4 || o >= params.out4) { return; }
  let c = params.first4 + quad % params.in4;
  let at = ((slice * taps + quad / params.in4) * params.total4 + c) * 4 * params.out4 + o;
  partials[at] = f.v0;
  partials[at + params.out4] = f.v1;
  partials[at + 2 * params.out4] = f.v2;
  partials[at + 3 * params.out4] = f.v3;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
  let quad0 = i32(group.x) / params.across * QUADS;
  let o0 = i32(group.x) % params.across * COLUMNS;
  let slice = i32(group.z);
  let t = i32(local);
  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  // Each fetches of one pixel of eight: every eighth quad of rows, and every eighth vec4 of columns.
  let px = t / 8;
  let lane = t % 8;
  let first_row = slice * params.rows;
  let last_row = min(first_row + params.rows, params.batch * params.out_height);
  let a_row = (params.out_width + 7) / 8;
  let steps = (last_row - first_row) * a_row;

  var s = Sums();
  var row = first_row;
  var column = 0;
  for (var step = -1; step < steps; step++) {
    var a = Four();
    var b0 = vec4f();
    var b1 = vec4f();
    if (step + 1 < steps) {
      let n = row / params.out_height;
      let y = row % params.out_height;
      a.v0 = input(n, y, column + px, quad0 + lane);
      a.v1 = input(n, y, column + px, quad0 + lane + 8);
      if (QUADS == 32) {
        a.v2 = input(n, y, column + px, quad0 + lane + 16);
        a.v3 = input(n, y, column + px, quad0 + lane + 24);
      }
      // The input may be inside where the pixel of dy is not: one of the factors is zero there.
      b0 = gradient(row, column + px, o0 + lane);
      if (COLUMNS == 16) { b1 = gradient(row, column + px, o0 + lane + 8); }
      column += 8;
      if (column >= params.out_width) {
        column = 0;
        row++;
      }
    }
    if (step >= 0) { multiply(&s, step & 1, m, o); }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + px;
      tile_a[k * QUADS + lane] = a.v0;
      tile_a[k * QUADS + lane + 8] = a.v1;
      if (QUADS == 32) {
        tile_a[k * QUADS + lane + 16] = a.v2;
        tile_a[k * QUADS + lane + 24] = a.v3;
      }
      if (lane < COLUMNS) { tile_b[k * COLUMNS + lane] = b0; }
      if (COLUMNS == 16) { tile_b[k * COLUMNS + lane + 8] = b1; }
    }
    workgroupBarrier();
  }

  store(slice, quad0 + m, o0 + o, Four(s.s0, s.s1, s.s2, s.s3));
  store(slice, quad0 + m + ACROSS_M, o0 + o, Four(s.s4, s.s5, s.s6, s.s7));
  if (VECS == 2) {
    store(slice, quad0 + m, o0 + o + ACROSS_N, Four(s.t0, s.t1, s.t2, s.t3));
    store(slice, quad0 + m + ACROSS_M, o0 + o + ACROSS_N, Four(s.t4, s.t5, s.t6, s.t7));
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = x[(base + (column >> params.shift)) * params.in4 + c];
      let d = dy[(out_row * params.out_width + out_column) * params.out4 + o];
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
`,conv2d_weight_grad_rows:`// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4] f32,
// partials: slices of params.slice_vec4s vec4 f32: [9][all inputs, 4·total4][out4], then, where params.bias_at is not 0, zeros up to there and
// the bias gradient [out4], the sum of dy, which is read here anyway. sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32, slice_vec4s: i32, bias_at: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of two pixels: v are four inputs, d four outputs.
fn add(s: Sums, v0: vec4f, v1: vec4f, d0: vec4f, d1: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v1.x), d1, fma(vec4f(v0.x), d0, s.i0)),
    fma(vec4f(v1.y), d1, fma(vec4f(v0.y), d0, s.i1)),
    fma(vec4f(v1.z), d1, fma(vec4f(v0.z), d0, s.i2)),
    fma(vec4f(v1.w), d1, fma(vec4f(v0.w), d0, s.i3)),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.in4 + c], inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), dy[(base + kept) * params.out4 + o], column == kept);
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let block = index % blocks;
  let o0 = (block % out_pairs) * 2;
  let o1 = min(o0 + 1, params.out4 - 1);
  let c0 = (block / out_pairs % in_pairs) * 2;
  let c1 = min(c0 + 1, params.in4 - 1);
  let ky = block / (out_pairs * in_pairs);

  var s000 = Sums();
  var s001 = Sums();
  var s010 = Sums();
  var s011 = Sums();
  var s100 = Sums();
  var s101 = Sums();
  var s110 = Sums();
  var s111 = Sums();
  var s200 = Sums();
  var s201 = Sums();
  var s210 = Sums();
  var s211 = Sums();
  var bias0 = vec4f();
  var bias1 = vec4f();

  let end = min((slice + 1) * params.rows, params.batch * params.height);
  var row = slice * params.rows;
  loop {
    let n = row / params.height;
    let y = row % params.height + ky - 1;
    let kept = clamp(y, 0, params.height - 1);
    let inside = y == kept;
    let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
    let dy_base = row * params.width;
    // Columns column - 1 and column of x.
    var l0 = vec4f();
    var l1 = vec4f();
    var m0 = pixel(base, 0, c0, inside);
    var m1 = pixel(base, 0, c1, inside);
    var column = 0;
    loop {
      let d00 = gradient(dy_base, column, o0);
      let d01 = gradient(dy_base, column, o1);
      let d10 = gradient(dy_base, column + 1, o0);
      let d11 = gradient(dy_base, column + 1, o1);
      let r0 = pixel(base, column + 1, c0, inside);
      let r1 = pixel(base, column + 1, c1, inside);
      let e0 = pixel(base, column + 2, c0, inside);
      let e1 = pixel(base, column + 2, c1, inside);
      bias0 += d00 + d10;
      bias1 += d01 + d11;
      s000 = add(s000, l0, m0, d00, d10);
      s001 = add(s001, l0, m0, d01, d11);
      s010 = add(s010, l1, m1, d00, d10);
      s011 = add(s011, l1, m1, d01, d11);
      s100 = add(s100, m0, r0, d00, d10);
      s101 = add(s101, m0, r0, d01, d11);
      s110 = add(s110, m1, r1, d00, d10);
      s111 = add(s111, m1, r1, d01, d11);
      s200 = add(s200, r0, e0, d00, d10);
      s201 = add(s201, r0, e0, d01, d11);
      s210 = add(s210, r1, e1, d00, d10);
      s211 = add(s211, r1, e1, d01, d11);
      l0 = r0;
      l1 = r1;
      m0 = e0;
      m1 = e1;
      column += 2;
      if (column >= params.width) { break; }
    }
    row++;
    if (row >= end) { break; }
  }

  let tap = params.total4 * 4 * params.out4;
  let at = slice * params.slice_vec4s + ky * 3 * tap + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4;
  let second = at + c1 * 4 * params.out4;
  store(first + 0 * tap + o0, s000);
  store(first + 1 * tap + o0, s100);
  store(first + 2 * tap + o0, s200);
  if (o1 != o0) {
    store(first + 0 * tap + o1, s001);
    store(first + 1 * tap + o1, s101);
    store(first + 2 * tap + o1, s201);
  }
  if (c1 != c0) {
    store(second + 0 * tap + o0, s010);
    store(second + 1 * tap + o0, s110);
    store(second + 2 * tap + o0, s210);
    if (o1 != o0) {
      store(second + 0 * tap + o1, s011);
      store(second + 1 * tap + o1, s111);
      store(second + 2 * tap + o1, s211);
    }
  }
  // One of the invocations that saw these outputs.
  if (params.bias_at != 0 && ky == 0 && c0 == 0) {
    let bias = slice * params.slice_vec4s + params.bias_at;
    partials[bias + o0] = bias0;
    if (o1 != o0) { partials[bias + o1] = bias1; }
    if (o0 == 0) {
      for (var i = slice * params.slice_vec4s + 9 * tap; i < bias; i++) { partials[i] = vec4f(); }
    }
  }
}
`,gemm_tile:`// Included by kernels that are matrix products, C[m][n] = sum over k of A[m][k] * B[k][n], after \`const M\`, \`N\`, \`VECS\` and \`K4\` (the prelude):
// a workgroup owns M rows by N columns of C, an invocation 8 rows by 4·VECS columns in registers; 4·K4 steps of k at a time lie in
// workgroup memory, twice: while one half is multiplied, what was fetched for the next goes to the other, so a step has one barrier.
// A lies there as [half][k][M/4] vec4 over rows, B as [half][k][N/4] vec4 over columns. The 8 rows are two quads M/8 apart and the
// columns two vec4s N/8 apart, so that neighbours read neighbouring addresses: no bank conflicts, and stores that coalesce.
// Both lie there as tile4, and are multiplied and added up as product4: vec4s of f32 or of f16.
const STEPS = 4 * K4;
const QUADS = M / 4;
const COLUMNS = N / 4;
// Invocations along the rows and along the columns of C.
const ACROSS_M = M / 8;
const ACROSS_N = COLUMNS / VECS;
const THREADS = ACROSS_M * ACROSS_N;

var<workgroup> tile_a: array<tile4, 2 * STEPS * QUADS>;
var<workgroup> tile_b: array<tile4, 2 * STEPS * COLUMNS>;

// Eight rows by four columns (s0..s7), and by the four at N/8 further where VECS is 2 (t0..t7).
struct Sums {
  s0: product4,
  s1: product4,
  s2: product4,
  s3: product4,
  s4: product4,
  s5: product4,
  s6: product4,
  s7: product4,
  t0: product4,
  t1: product4,
  t2: product4,
  t3: product4,
  t4: product4,
  t5: product4,
  t6: product4,
  t7: product4,
}

// Four vec4s, as they are fetched and kept.
struct Four {
  v0: tile4,
  v1: tile4,
  v2: tile4,
  v3: tile4,
}

fn transposed(f: Four) -> Four {
  return Four(
    tile4(f.v0.x, f.v1.x, f.v2.x, f.v3.x),
    tile4(f.v0.y, f.v1.y, f.v2.y, f.v3.y),
    tile4(f.v0.z, f.v1.z, f.v2.z, f.v3.z),
    tile4(f.v0.w, f.v1.w, f.v2.w, f.v3.w),
  );
}

// Adds the products of one half: m and n are this invocation's places along the rows and the columns.
fn multiply(s: ptr<function, Sums>, half: i32, m: i32, n: i32) {
  for (var k = half * STEPS; k < (half + 1) * STEPS; k++) {
    let a0 = product4(tile_a[k * QUADS + m]);
    let a1 = product4(tile_a[k * QUADS + m + ACROSS_M]);
    let b0 = product4(tile_b[k * COLUMNS + n]);
    (*s).s0 = fma(product4(a0.x), b0, (*s).s0);
    (*s).s1 = fma(product4(a0.y), b0, (*s).s1);
    (*s).s2 = fma(product4(a0.z), b0, (*s).s2);
    (*s).s3 = fma(product4(a0.w), b0, (*s).s3);
    (*s).s4 = fma(product4(a1.x), b0, (*s).s4);
    (*s).s5 = fma(product4(a1.y), b0, (*s).s5);
    (*s).s6 = fma(product4(a1.z), b0, (*s).s6);
    (*s).s7 = fma(product4(a1.w), b0, (*s).s7);
    if (VECS == 2) {
      let b1 = product4(tile_b[k * COLUMNS + n + (VECS - 1) * ACROSS_N]);
      (*s).t0 = fma(product4(a0.x), b1, (*s).t0);
      (*s).t1 = fma(product4(a0.y), b1, (*s).t1);
      (*s).t2 = fma(product4(a0.z), b1, (*s).t2);
      (*s).t3 = fma(product4(a0.w), b1, (*s).t3);
      (*s).t4 = fma(product4(a1.x), b1, (*s).t4);
      (*s).t5 = fma(product4(a1.y), b1, (*s).t5);
      (*s).t6 = fma(product4(a1.z), b1, (*s).t6);
      (*s).t7 = fma(product4(a1.w), b1, (*s).t7);
    }
  }
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// y, target, dy: [pixels][c4] vec4 f32, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// COLOUR 1: adds W·m², where m is the mean of d over the pixels of that image and channel, from sums = Σ d: [images][c4] vec4. Each of an
// image's pixels adds the same m², so that the mean over all elements is the mean over images and channels; dy gets 2W·m / M.
// WEIGHTED 1: the terms and gradients of image n, the colour term's too, are multiplied by weights[n] (packed four to a vec4).
// An invocation owns one slice of the vec4s.
struct Params {
  count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32, per_pixel: f32, colour_weight: f32
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read> sums: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override COLOUR: u32 = 0u;
override WEIGHTED: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = y[index] - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (COLOUR == 1u) {
      let mean = sums[index / params.image_vec4s * params.c4 + index % params.c4] * params.per_pixel;
      value += params.colour_weight * mean * mean;
      gradient += 2.0 * params.colour_weight * mean;
    }
    if (WEIGHTED == 1u) {
      let image = index / params.image_vec4s;
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = select(vec4f(), gradient * params.scale, counts);
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,loss_mean_error:`// Sums of the errors d = y - target over an image's pixels, each slice of them on its own; sum_slices adds the slices in order.
// y, target: [images][pixels][c4] vec4 f32; partials: [slices][images][c4] vec4 f32. The colour term of loss.wgsl takes the sums.
// An invocation owns one slice of one image's pixels, in four channels.
struct Params { images: i32, pixels: i32, c4: i32, slice_pixels: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let columns = params.images * params.c4;
  if (index >= columns * params.slices) { return; }
  let slice = index / columns;
  let column = index % columns;
  let image = column / params.c4;
  let first = slice * params.slice_pixels;
  let end = min(first + params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = first; pixel < end; pixel++) {
    let at = (image * params.pixels + pixel) * params.c4 + column % params.c4;
    sum += y[at] - goal[at];
  }
  partials[index] = sum;
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4], y: [N,⌈H/2⌉,⌈W/2⌉,4·c4], both f32 or f16, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value4>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * out_height * out_width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = (pixel % out_width) * 2;
  let row = ((pixel / out_width) % out_height) * 2;
  let n = pixel / (out_width * out_height);
  let at = ((n * params.height + row) * params.width + column) * params.c4 + c;
  var best = x[at];
  var place = vec4u();
  let right = column + 1 < params.width;
  let below = row + 1 < params.height;
  if (right) {
    let v = x[at + params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(1u), wins);
  }
  if (below) {
    let v = x[at + params.width * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(2u), wins);
  }
  if (right && below) {
    let v = x[at + (params.width + 1) * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(3u), wins);
  }
  y[index] = best;
  argmax[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
`,max_pool_grad:`// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4] f32;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), dy[window], winners == vec4u(place)) * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,pixel_shuffle:`// Pixel shuffle (depth to space): y[n, y·f + dy, x·f + dx, c] = x[n, y, x, (dy·f + dx)·C + c], f = params.factor, C = params.channels.
// x: [N,H,W,f²·C], y: [N,f·H,f·W,C], both f32 or f16; both padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let factor = params.factor;
  if (index >= params.batch * params.height * params.width * factor * factor * params.y_c4) { return; }
  let c = 4 * (index % params.y_c4);
  let pixel = index / params.y_c4;
  let column = pixel % (params.width * factor);
  let row = (pixel / (params.width * factor)) % (params.height * factor);
  let n = pixel / (params.width * params.height * factor * factor);
  let place = (row % factor) * factor + column % factor;
  let coarse = (n * params.height + row / factor) * params.width + column / factor;
  let start = coarse * 4 * params.x_c4 + place * params.channels + c;
  let left = params.channels - c;
  y[index] = value4(
    x[start],
    select(value(), x[start + min(1, left - 1)], left > 1),
    select(value(), x[start + min(2, left - 1)], left > 2),
    select(value(), x[start + min(3, left - 1)], left > 3),
  );
}
`,pixel_shuffle_grad:`// Gradient of pixel shuffle: dx[n, y, x, k] = activation_slope(x) * dy[n, y·f + ⌊p/f⌋, x·f + p mod f, k mod C] with p = ⌊k/C⌋: every
// value of x went to one place. dy: [N,f·H,f·W,C] f32, activated: the shuffled tensor x, dx: [N,H,W,f²·C] f32, padded as in pixel_shuffle.wgsl;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

// What came of channel k of the pixel at (n, row, column) of x; zero for the surplus channels.
fn gradient_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return dy[fine * 4 * params.y_c4 + k % params.channels];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.x_c4) { return; }
  let k = 4 * (index % params.x_c4);
  let pixel = index / params.x_c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  var gradient = vec4f(
    gradient_of(n, row, column, k),
    gradient_of(n, row, column, k + 1),
    gradient_of(n, row, column, k + 2),
    gradient_of(n, row, column, k + 3),
  );
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,probe_copy:`// Probe of the adapter's memory: copy = source, both [count] vec4 f32. An invocation owns one vec4, neighbours own neighbours.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> copy: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  copy[index] = source[index];
}
`,probe_fma:`// Probe of the adapter's rate of multiply-adds: sixteen chains of vec4 fma that stay in registers, \`rounds\` × 64 of them an invocation.
// a ← a·x + y converges, so nothing overflows and nothing is known before the kernel runs. sink: [count] vec4 f32, only so that the work
// has a result. An invocation owns one vec4 of it.
struct Params { count: i32 }
struct Work { rounds: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> work: Work;
@group(0) @binding(2) var<storage, read_write> sink: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let seed = f32(index % 1024) / 1024.0;
  let x = vec4f(0.5, 0.25, 0.75, 0.125) * (seed + 0.25);
  let y = vec4f(0.1, 0.2, 0.3, 0.4);
  var a0 = x; var a1 = x + 1.0; var a2 = x + 2.0; var a3 = x + 3.0;
  var a4 = x + 4.0; var a5 = x + 5.0; var a6 = x + 6.0; var a7 = x + 7.0;
  var a8 = x + 8.0; var a9 = x + 9.0; var a10 = x + 10.0; var a11 = x + 11.0;
  var a12 = x + 12.0; var a13 = x + 13.0; var a14 = x + 14.0; var a15 = x + 15.0;
  let rounds = i32(work.rounds);
  for (var i = 0; i < rounds; i++) {
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
  }
  sink[index] = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + a12 + a13 + a14 + a15;
}
`,squared_norm:`// Partial sums of squares of all gradients, for the global norm: partials[s] = sum over slice s of g².
// g: [count] vec4 f32, partials: one vec4 a slice (value in x), summed by sum_slices. An invocation owns one slice.
struct Params { count: i32, slice_vec4s: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  var index = slice * params.slice_vec4s;
  loop {
    sum = fma(g[index], g[index], sum);
    index++;
    if (index >= end) { break; }
  }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable.
// partials: [slices][count] vec4 f32, total: [count] vec4 f32; added to what total holds when params.accumulate is set.
struct Params { count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var sum = vec4f();
  if (params.accumulate != 0) { sum = total[index]; }
  var slice = 0;
  loop {
    sum += partials[slice * params.count + index];
    slice++;
    if (slice >= params.slices) { break; }
  }
  total[index] = sum;
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4], y: [N,2H,2W,4·c4], both f32 or f16. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value4>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = vec4f(x[(near_row * params.width + near_column) * params.c4 + c]);
  if (BILINEAR == 0u) {
    y[index] = value4(near);
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = vec4f(x[(near_row * params.width + far_column) * params.c4 + c]);
    let over = vec4f(x[(far_row * params.width + near_column) * params.c4 + c]);
    let across = vec4f(x[(far_row * params.width + far_column) * params.c4 + c]);
    y[index] = value4(0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across);
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4] f32, activated: the upsampled tensor x, dx: [N,H,W,4·c4] f32; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

override BILINEAR: u32 = 0u;

// Share of source pixel \`at\` in upsampled pixel \`fine\`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    gradient = (dy[at] + dy[at + params.c4]) + (dy[at + fine_width * params.c4] + dy[at + (fine_width + 1) * params.c4]);
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        gradient += (vertical * share(x, column, params.width)) * dy[((fine_row + y) * fine_width + x) * params.c4 + c];
      }
    }
  }
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,winograd_input:`// Tiles of an image for Winograd F(TILE×TILE, 3×3): V = Bᵀ d B, where d are the (TILE+2)² pixels that a tile of TILE² results meets.
// x: one source [N,H,W,4·x4], f32 or f16, of half the size when params.shift = 1 (nearest upsampling by the address), its channels from
// 4·first4 on among the 4·source4. v: [(TILE+2)²][params.stored tiles][4·source4], f32 or f16: tiles first .. first + count of the image, by rows.
// An invocation makes four channels of a tile.
struct Params {
  height: i32, width: i32, x4: i32, first4: i32, source4: i32, shift: u32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read_write> v: array<transformed4>;

// Six values: pixels of a row, or what becomes of them. Of F(2×2, 3×3) the first four.
struct Six {
  x0: vec4f,
  x1: vec4f,
  x2: vec4f,
  x3: vec4f,
  x4: vec4f,
  x5: vec4f,
}

// Bᵀ times a column.
fn spread(d: Six) -> Six {
  if (TILE == 2) { return Six(d.x0 - d.x2, d.x1 + d.x2, d.x2 - d.x1, d.x1 - d.x3, vec4f(), vec4f()); }
  return Six(
    4.0 * d.x0 - 5.0 * d.x2 + d.x4,
    (d.x4 - 4.0 * d.x2) + (d.x3 - 4.0 * d.x1),
    (d.x4 - 4.0 * d.x2) - (d.x3 - 4.0 * d.x1),
    (d.x4 - d.x2) + 2.0 * (d.x3 - d.x1),
    (d.x4 - d.x2) - 2.0 * (d.x3 - d.x1),
    4.0 * d.x1 - 5.0 * d.x3 + d.x5,
  );
}

// Four channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  return select(vec4f(), vec4f(x[(base + (kept >> params.shift)) * params.x4 + c]), inside && column == kept);
}

fn pixels(n: i32, row: i32, column: i32, c: i32) -> Six {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  var d = Six();
  d.x0 = pixel(base, column, c, inside);
  d.x1 = pixel(base, column + 1, c, inside);
  d.x2 = pixel(base, column + 2, c, inside);
  d.x3 = pixel(base, column + 3, c, inside);
  if (TILE == 4) {
    d.x4 = pixel(base, column + 4, c, inside);
    d.x5 = pixel(base, column + 5, c, inside);
  }
  return d;
}

fn store(column: i32, at: i32, step: i32, d: Six) {
  let s = spread(d);
  v[at + column * step] = transformed4(s.x0);
  v[at + (TILE + 2 + column) * step] = transformed4(s.x1);
  v[at + (2 * (TILE + 2) + column) * step] = transformed4(s.x2);
  v[at + (3 * (TILE + 2) + column) * step] = transformed4(s.x3);
  if (TILE == 4) {
    v[at + (4 * (TILE + 2) + column) * step] = transformed4(s.x4);
    v[at + (5 * (TILE + 2) + column) * step] = transformed4(s.x5);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.count * params.x4) { return; }
  let c = index % params.x4;
  let place = index / params.x4;
  let tile = params.first + place;
  let column = tile % params.across * TILE - 1;
  let row = tile / params.across % params.down * TILE - 1;
  let n = tile / (params.across * params.down);

  let r0 = spread(pixels(n, row, column, c));
  let r1 = spread(pixels(n, row + 1, column, c));
  let r2 = spread(pixels(n, row + 2, column, c));
  let r3 = spread(pixels(n, row + 3, column, c));
  var r4 = Six();
  var r5 = Six();
  if (TILE == 4) {
    r4 = spread(pixels(n, row + 4, column, c));
    r5 = spread(pixels(n, row + 5, column, c));
  }
  let step = params.stored * params.source4;
  let at = place * params.source4 + params.first4 + c;
  store(0, at, step, Six(r0.x0, r1.x0, r2.x0, r3.x0, r4.x0, r5.x0));
  store(1, at, step, Six(r0.x1, r1.x1, r2.x1, r3.x1, r4.x1, r5.x1));
  store(2, at, step, Six(r0.x2, r1.x2, r2.x2, r3.x2, r4.x2, r5.x2));
  store(3, at, step, Six(r0.x3, r1.x3, r2.x3, r3.x3, r4.x3, r5.x3));
  if (TILE == 4) {
    store(4, at, step, Six(r0.x4, r1.x4, r2.x4, r3.x4, r4.x4, r5.x4));
    store(5, at, step, Six(r0.x5, r1.x5, r2.x5, r3.x5, r4.x5, r5.x5));
  }
}
`,winograd_output:`// The result of a convolution from its products in the space of Winograd F(TILE×TILE, 3×3): Y = Aᵀ M A, then bias and activation
// (FORWARD 1), or the slope of the activation at \`activated\`, added to what y holds when params.accumulate is set (FORWARD 0).
// m: [(TILE+2)²][params.stored tiles][4·target4], tiles first .. first + count of the image, by rows; y: [N,H,W,4·target4]; each f32 or f16.
// An invocation makes four channels of the TILE×TILE pixels of a tile.
struct Params {
  height: i32, width: i32, target4: i32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> m: array<transformed4>;
@group(0) @binding(2) var<storage, read> bias: array<weight4>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> y: array<result4>;

override FORWARD: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;

struct Four {
  y0: vec4f,
  y1: vec4f,
  y2: vec4f,
  y3: vec4f,
}

// Aᵀ times a column of six; of F(2×2, 3×3) four go in and two come out.
fn gather(m0: vec4f, m1: vec4f, m2: vec4f, m3: vec4f, m4: vec4f, m5: vec4f) -> Four {
  if (TILE == 2) { return Four(m0 + m1 + m2, m1 - m2 - m3, vec4f(), vec4f()); }
  let even = m1 + m2;
  let odd = m1 - m2;
  let far_even = m3 + m4;
  let far_odd = m3 - m4;
  return Four(
    m0 + even + far_even,
    odd + 2.0 * far_odd,
    even + 4.0 * far_even,
    odd + 8.0 * far_odd + m5,
  );
}

// A row of m, gathered.
fn row_of(i: i32, at: i32, step: i32) -> Four {
  let first = at + i * (TILE + 2) * step;
  var far4 = vec4f();
  var far5 = vec4f();
  if (TILE == 4) {
    far4 = vec4f(m[first + 4 * step]);
    far5 = vec4f(m[first + 5 * step]);
  }
  return gather(
    vec4f(m[first]),
    vec4f(m[first + step]),
    vec4f(m[first + 2 * step]),
    vec4f(m[first + 3 * step]),
    far4,
    far5,
  );
}

fn put(at: i32, value: vec4f, added: vec4f) {
  if (FORWARD == 1u) {
    var result = activate_as(value + added, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = result4(result);
  } else {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = result4(gradient);
  }
}

// Stores those of a column of results that are inside of the image.
fn put_column(at: i32, row: i32, column: i32, f: Four, added: vec4f) {
  if (column >= params.width) { return; }
  let down = params.width * params.target4;
  put(at, f.y0, added);
  if (row + 1 < params.height) { put(at + down, f.y1, added); }
  if (TILE == 4) {
    if (row + 2 < params.height) { put(at + 2 * down, f.y2, added); }
    if (row + 3 < params.height) { put(at + 3 * down, f.y3, added); }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.count * params.target4) { return; }
  let c = index % params.target4;
  let tile = params.first + index / params.target4;
  let column = tile % params.across * TILE;
  let row = tile / params.across % params.down * TILE;
  let n = tile / (params.across * params.down);

  let step = params.stored * params.target4;
  let r0 = row_of(0, index, step);
  let r1 = row_of(1, index, step);
  let r2 = row_of(2, index, step);
  let r3 = row_of(3, index, step);
  var r4 = Four();
  var r5 = Four();
  if (TILE == 4) {
    r4 = row_of(4, index, step);
    r5 = row_of(5, index, step);
  }
  var added = vec4f();
  if (FORWARD == 1u) { added = vec4f(bias[c]); }
  let at = ((n * params.height + row) * params.width + column) * params.target4 + c;
  put_column(at, row, column, gather(r0.y0, r1.y0, r2.y0, r3.y0, r4.y0, r5.y0), added);
  put_column(at + params.target4, row, column + 1, gather(r0.y1, r1.y1, r2.y1, r3.y1, r4.y1, r5.y1), added);
  if (TILE == 4) {
    put_column(at + 2 * params.target4, row, column + 2, gather(r0.y2, r1.y2, r2.y2, r3.y2, r4.y2, r5.y2), added);
    put_column(at + 3 * params.target4, row, column + 3, gather(r0.y3, r1.y3, r2.y3, r3.y3, r4.y3, r5.y3), added);
  }
}
`,winograd_product:`// Products in the space of Winograd's tiles without workgroup memory, for adapters where a barrier is dear and registers are not:
// m[e][t][:] = sum over c of v[e][t][c] * u[e][c][:].
// v: [parts][rows][4·source4] f32, u: [parts][4·source4][target4] vec4, m: [parts][rows][4·target4] f32; rows is a multiple of 16.
// An invocation owns 16 rows by 16 columns (64 vec4 accumulators): 32 loads for 256 multiply-adds of vec4s.
struct Params { parts: i32, rows: i32, source4: i32, target4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> v: array<vec4f>;
@group(0) @binding(2) var<storage, read> u: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> m: array<vec4f>;

// Sixteen rows, four channels.
struct Rows {
  r0: vec4f,
  r1: vec4f,
  r2: vec4f,
  r3: vec4f,
  r4: vec4f,
  r5: vec4f,
  r6: vec4f,
  r7: vec4f,
  r8: vec4f,
  r9: vec4f,
  r10: vec4f,
  r11: vec4f,
  r12: vec4f,
  r13: vec4f,
  r14: vec4f,
  r15: vec4f,
}

// Sixteen rows of v.
fn rows(at: i32) -> Rows {
  return Rows(
    v[at + 0 * params.source4],
    v[at + 1 * params.source4],
    v[at + 2 * params.source4],
    v[at + 3 * params.source4],
    v[at + 4 * params.source4],
    v[at + 5 * params.source4],
    v[at + 6 * params.source4],
    v[at + 7 * params.source4],
    v[at + 8 * params.source4],
    v[at + 9 * params.source4],
    v[at + 10 * params.source4],
    v[at + 11 * params.source4],
    v[at + 12 * params.source4],
    v[at + 13 * params.source4],
    v[at + 14 * params.source4],
    v[at + 15 * params.source4],
  );
}

fn mac(sum: vec4f, x: vec4f, i0: vec4f, i1: vec4f, i2: vec4f, i3: vec4f) -> vec4f {
  return fma(i3, vec4f(x.w), fma(i2, vec4f(x.z), fma(i1, vec4f(x.y), fma(i0, vec4f(x.x), sum))));
}

// Adds the products of four channels with the four weights of each that lie params.target4 apart.
fn add(s: Rows, x: Rows, at: i32) -> Rows {
  let i0 = u[at];
  let i1 = u[at + params.target4];
  let i2 = u[at + 2 * params.target4];
  let i3 = u[at + 3 * params.target4];
  return Rows(
    mac(s.r0, x.r0, i0, i1, i2, i3),
    mac(s.r1, x.r1, i0, i1, i2, i3),
    mac(s.r2, x.r2, i0, i1, i2, i3),
    mac(s.r3, x.r3, i0, i1, i2, i3),
    mac(s.r4, x.r4, i0, i1, i2, i3),
    mac(s.r5, x.r5, i0, i1, i2, i3),
    mac(s.r6, x.r6, i0, i1, i2, i3),
    mac(s.r7, x.r7, i0, i1, i2, i3),
    mac(s.r8, x.r8, i0, i1, i2, i3),
    mac(s.r9, x.r9, i0, i1, i2, i3),
    mac(s.r10, x.r10, i0, i1, i2, i3),
    mac(s.r11, x.r11, i0, i1, i2, i3),
    mac(s.r12, x.r12, i0, i1, i2, i3),
    mac(s.r13, x.r13, i0, i1, i2, i3),
    mac(s.r14, x.r14, i0, i1, i2, i3),
    mac(s.r15, x.r15, i0, i1, i2, i3),
  );
}

fn store(at: i32, s: Rows) {
  m[at + 0 * params.target4] = s.r0;
  m[at + 1 * params.target4] = s.r1;
  m[at + 2 * params.target4] = s.r2;
  m[at + 3 * params.target4] = s.r3;
  m[at + 4 * params.target4] = s.r4;
  m[at + 5 * params.target4] = s.r5;
  m[at + 6 * params.target4] = s.r6;
  m[at + 7 * params.target4] = s.r7;
  m[at + 8 * params.target4] = s.r8;
  m[at + 9 * params.target4] = s.r9;
  m[at + 10 * params.target4] = s.r10;
  m[at + 11 * params.target4] = s.r11;
  m[at + 12 * params.target4] = s.r12;
  m[at + 13 * params.target4] = s.r13;
  m[at + 14 * params.target4] = s.r14;
  m[at + 15 * params.target4] = s.r15;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let across = (params.target4 + 3) / 4;
  let down = params.rows / 16;
  if (index >= params.parts * down * across) { return; }
  let o0 = index % across * 4;
  // Beyond the last column the one before is computed again, and not stored.
  let o1 = min(o0 + 1, params.target4 - 1);
  let o2 = min(o0 + 2, params.target4 - 1);
  let o3 = min(o0 + 3, params.target4 - 1);
  let row = index / across * 16;
  let part = index / (across * down);

  var s0 = Rows();
  var s1 = Rows();
  var s2 = Rows();
  var s3 = Rows();
  var c = 0;
  loop {
    let x = rows(row * params.source4 + c);
    let at = (part * params.source4 + c) * 4 * params.target4;
    s0 = add(s0, x, at + o0);
    s1 = add(s1, x, at + o1);
    s2 = add(s2, x, at + o2);
    s3 = add(s3, x, at + o3);
    c++;
    if (c >= params.source4) { break; }
  }
  let first = row * params.target4;
  store(first + o0, s0);
  if (o1 != o0) { store(first + o1, s1); }
  if (o2 != o1) { store(first + o2, s2); }
  if (o3 != o2) { store(first + o3, s3); }
}
`,winograd_weights:`// Weights of a 3×3 convolution for Winograd F(TILE×TILE, 3×3) (Lavin & Gray, 2015): U = G g Gᵀ for each pair of channels.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs; u: [(TILE+2)²][4·source4][target4] vec4 over channels of the
// result; each f32 or f16.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): turned by 180°, inputs and
// outputs exchanged. An invocation makes all of one channel of the source by four of the result.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<weight4>;
@group(0) @binding(2) var<storage, read_write> u: array<transformed4>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return f32(weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4]);
}

fn tap(index: i32, source: i32, result: i32) -> vec4f {
  if (FORWARD == 1u) { return vec4f(weight[(index * params.in4 * 4 + source) * params.out4 + result]); }
  let first = result * 4;
  return vec4f(
    turned(index, first, source), turned(index, first + 1, source),
    turned(index, first + 2, source), turned(index, first + 3, source),
  );
}

// Three values through G: six of them, of F(2×2, 3×3) the first four.
struct Six {
  g0: vec4f,
  g1: vec4f,
  g2: vec4f,
  g3: vec4f,
  g4: vec4f,
  g5: vec4f,
}

fn spread(a: vec4f, b: vec4f, c: vec4f) -> Six {
  if (TILE == 2) { return Six(a, (a + b + c) / 2.0, (a - b + c) / 2.0, c, vec4f(), vec4f()); }
  let even = (a + 4.0 * c) / 24.0;
  return Six(a / 4.0, -(a + b + c) / 6.0, -(a - b + c) / 6.0, even + b / 12.0, even - b / 12.0, c);
}

// Stores row i of the result.
fn store(i: i32, at: i32, step: i32, left: vec4f, middle: vec4f, right: vec4f) {
  let first = at + i * (TILE + 2) * step;
  let s = spread(left, middle, right);
  u[first] = transformed4(s.g0);
  u[first + step] = transformed4(s.g1);
  u[first + 2 * step] = transformed4(s.g2);
  u[first + 3 * step] = transformed4(s.g3);
  if (TILE == 4) {
    u[first + 4 * step] = transformed4(s.g4);
    u[first + 5 * step] = transformed4(s.g5);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let size = params.source4 * 4 * params.target4;
  if (index >= size) { return; }
  let result = index % params.target4;
  let source = index / params.target4;
  let left = spread(tap(0, source, result), tap(3, source, result), tap(6, source, result));
  let middle = spread(tap(1, source, result), tap(4, source, result), tap(7, source, result));
  let right = spread(tap(2, source, result), tap(5, source, result), tap(8, source, result));
  store(0, index, size, left.g0, middle.g0, right.g0);
  store(1, index, size, left.g1, middle.g1, right.g1);
  store(2, index, size, left.g2, middle.g2, right.g2);
  store(3, index, size, left.g3, middle.g3, right.g3);
  if (TILE == 4) {
    store(4, index, size, left.g4, middle.g4, right.g4);
    store(5, index, size, left.g5, middle.g5, right.g5);
  }
}
`};function Ca(r,e,t={}){let a=r.prelude??[];for(let l of a)if(e[l]===void 0)throw new b(`Cannot compile ${r.name}: the constant ${l} is not given`);let o=Object.keys(r.types??{}),s=l=>{let d=t[l]??"f32";return`alias ${l} = ${l.endsWith("4")?`vec4<${d}>`:d};
`},n=[o.some(l=>t[l]==="f16")?`enable f16;
`:"",...o.map(s),...a.map(l=>`const ${l} = ${e[l]};
`),...(r.includes??[]).map(l=>ot[l]),ot[r.name]].join(""),i=Object.fromEntries(Object.entries(e).filter(([l])=>!a.includes(l)));return{code:n,overrides:i}}async function Lt(r,e,t,a={}){let{code:o,overrides:s}=Ca(e,t,a),n={read:"read-only-storage",read_write:"storage",uniform:"uniform"};r.pushErrorScope("validation");let i=r.createShaderModule({label:e.name,code:o}),l=r.createBindGroupLayout({label:e.name,entries:["uniform",...Object.values(e.bindings)].map((u,p)=>({binding:p,visibility:GPUShaderStage.COMPUTE,buffer:{type:n[u]}}))}),d=r.createComputePipeline({label:e.name,layout:r.createPipelineLayout({bindGroupLayouts:[l]}),compute:{module:i,entryPoint:"main",constants:s}}),c=await r.popErrorScope();if(c)throw new b(`Cannot compile ${e.name} ${JSON.stringify({...t,...a})}: ${c.message}`);return{kernel:e,pipeline:d,layout:l}}var Dt="shader-f16";var Ma=200,Ua=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function Na(r){let e=/llvmpipe \(LLVM (\d+)/i.exec(r);return e?Number(e[1]):void 0}function $a(){let r=globalThis.Deno;if(r)try{r.build.os==="linux"&&!r.env.get("DENO_WEBGPU_BACKEND")&&r.env.set("DENO_WEBGPU_BACKEND","vulkan"),r.build.os==="linux"&&!r.env.get("XDG_RUNTIME_DIR")&&r.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function Ga(){$a();let r=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!r)return;let{description:e,device:t,vendor:a,architecture:o}=r.info,s=e||t||`${a} ${o}`.trim()||"unnamed adapter";return{adapter:r,summary:{name:s,vendor:a,architecture:o,software:Ua.test(`${s} ${a} ${o}`),llvm:Na(s),features:[...r.features].sort()}}}async function Bt(r={}){let e=await Ga();if(!e)throw new S("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:t,summary:a}=e,o=["timestamp-query",...r.half?[Dt]:[]],{limits:s}=t,n=await t.requestDevice({requiredFeatures:o.filter(i=>t.features.has(i)),requiredLimits:{maxStorageBufferBindingSize:s.maxStorageBufferBindingSize,maxBufferSize:s.maxBufferSize,maxUniformBufferBindingSize:s.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:s.maxComputeWorkgroupStorageSize}});return new st(n,a)}var st=class{device;adapter;choices=new Map;times={prepare:0,upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#o=new Map;#a;#s=!1;constructor(e,t){this.device=e,this.adapter=t,e.lost.then(a=>{this.#s||(this.#a??=new te(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:o}=a;a.preventDefault(),this.#a??=o instanceof GPUOutOfMemoryError?new D(`The GPU is out of memory: ${o.message}`):new b(`The GPU refused a command: ${o.message}`)})}get half(){return this.device.features.has(Dt)}check(){if(this.#s)throw new b("Cannot use a Gpu that was disposed");if(this.#a)throw this.#a}async loss(){let e=Promise.withResolvers(),t=setTimeout(()=>e.resolve(void 0),Ma),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(t),a&&new te(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,t,a){this.check();let o=Math.max(16,Math.ceil(t/4)*4);if(o>this.device.limits.maxBufferSize||o>this.device.limits.maxStorageBufferBindingSize)throw new D(`Cannot make the buffer ${e}: ${o} bytes are more than the adapter binds at once`);let s=this.device.createBuffer({label:e,size:o,usage:a});return this.#e.add(s),this.#r+=o,this.#t=Math.max(this.#t,this.#r),s}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,t,a){if(t%4!==0||t<0||a.byteLength%4!==0||t+a.byteLength>e.size)throw new b(`Cannot write ${a.byteLength} bytes at ${t} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,t,a)}kernel(e,t={},a={}){let o=`${e.name} ${JSON.stringify(Object.entries({...t,...a}).sort())}`,s=this.#o.get(o);return s||Lt(this.device,e,t,a).then(n=>(this.#o.set(o,n),n))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#s){this.#s=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#o.clear(),this.device.destroy()}}};function Y(r){let{channels:e,widths:t,encoderBlocks:a,decoderBlocks:o,activation:s,down:n,up:i,residual:l,residualBlocks:d}=r,c=r.scale,u=[],p=[],f=(y,x,_,T,$,E=1,U=3)=>{u.push({op:"conv2d",name:y,inputs:x,output:y,kernel:U,stride:E,inChannels:_,outChannels:T,activation:$});let O=_.reduce((A,N)=>A+N,0);return p.push({name:`${y}.weight`,shape:[U,U,O,T]},{name:`${y}.bias`,shape:[T]}),y},m=(y,x,_)=>{let T=f(y,[x],[_],_,s);return d?(u.push({op:"add",inputs:[x,T],output:`${y}.sum`}),`${y}.sum`):T},h=t.length-1,g=[],v="image",w=e;for(let y=0;y<=h;y++){y>0&&(g.push(v),n==="stride"?(v=f(`down${y}`,[v],[w],t[y],s,2),w=t[y]):(u.push({op:"maxPool",input:v,output:`pool${y}`}),v=`pool${y}`)),v=f(`enc${y}.0`,[v],[w],t[y],s),w=t[y];for(let x=1;x<a[y];x++)v=m(`enc${y}.${x}`,v,w)}for(let y=h-1;y>=0;y--){u.push({op:"upsample",input:v,output:`up${y}`,mode:i}),v=f(`dec${y}.0`,[`up${y}`,g[y]],[w,t[y]],t[y],s),w=t[y];for(let x=1;x<o[y];x++)v=m(`dec${y}.${x}`,v,w)}if(v=f("out",[v],[w],e*c**2,"none"),c!==1&&(u.push({op:"pixelShuffle",input:v,output:"shuffled",factor:c}),v="shuffled"),l){let y="image";for(let _=2;_<=c;_*=2)u.push({op:"upsample",input:y,output:`image.x${_}`,mode:"bilinear"}),y=`image.x${_}`;let x=r.corrects==="extremes"?"addAtExtremes":"add";u.push({op:x,inputs:[y,v],output:"restored"}),v="restored"}return{nodes:u,parameters:p,output:v}}var Ia=[1,2,4];function Ne(r={}){let{base:e=16,depth:t=(r.widths?.length??4)-1,blocks:a=2}=r,o=(d,c,u,p)=>{if(!Number.isInteger(c)||c<u||c>p)throw new RangeError(`Cannot make a U-Net: ${d} must be a whole number from ${u} to ${p}, got ${c}`)};o("base",e,1,512),o("depth",t,0,6),o("blocks",a,1,16);let s={channels:r.channels??3,widths:r.widths??Array.from({length:t+1},(d,c)=>e*2**c),encoderBlocks:r.encoderBlocks??Array(t+1).fill(a),decoderBlocks:r.decoderBlocks??Array(t).fill(a),activation:r.activation??"leaky-relu",down:r.down??"max-pool",up:r.up??"nearest",residual:r.residual??!0,corrects:r.corrects??"all",residualBlocks:r.residualBlocks??!0,scale:r.scale??1};if(!Ia.includes(s.scale))throw new RangeError(`Cannot make a U-Net: scale must be 1, 2 or 4, got ${s.scale}`);o("channels",s.channels,1,16);let{widths:n,encoderBlocks:i,decoderBlocks:l}=s;if(n.forEach(d=>o("a width",d,1,4096)),i.forEach(d=>o("a scale's encoder blocks",d,1,16)),l.forEach(d=>o("a scale's decoder blocks",d,1,16)),i.length!==n.length||l.length!==n.length-1)throw new RangeError(`Cannot make a U-Net: ${n.length} widths want ${n.length} encoder and ${n.length-1} decoder block counts, got ${i.length} and ${l.length}`);for(let[d,c,u]of[["activation",s.activation,["none","relu","leaky-relu"]],["down",s.down,["max-pool","stride"]],["up",s.up,["nearest","bilinear"]],["corrects",s.corrects,["all","extremes"]]])if(!u.includes(c))throw new RangeError(`Cannot make a U-Net: ${d} must be one of ${u.join(", ")}, got ${c}`);if(s.corrects==="extremes"&&!(s.residual&&s.scale===1))throw new RangeError("Cannot make a U-Net: corrects=extremes needs residual=true and scale=1");return s}function $e(r){return 2**(r.widths.length-1)}var Ka=.1,La=.5;function zt(r,e){let t=Y(r),a=new Map,o=new Set(t.nodes.flatMap(n=>n.op==="add"?[`${n.inputs[1]}.weight`]:[]));for(let n of t.nodes)n.op==="conv2d"&&a.set(`${n.name}.weight`,n.activation);let s=new Map;return t.parameters.forEach(({name:n,shape:i},l)=>{let d=new Float32Array(G(i)),c=a.get(n);if(c!==void 0){let u=c==="none"?1:c==="leaky-relu"?.1:0,p=G(i.slice(0,-1)),m=(n==="out.weight"&&r.residual?Ka:o.has(n)?La:1)*Math.sqrt(2/((1+u**2)*p)),h=new ie(e,l);for(let g=0;g<d.length;g++)d[g]=m*h.normal()}s.set(n,d)}),s}var Da=Uint32Array.from({length:256},(r,e)=>{let t=e;for(let a=0;a<8;a++)t=t&1?t>>>1^3988292384:t>>>1;return t});function be(r,e=0){let t=~e;for(let a=0;a<r.length;a++)t=Da[(t^r[a])&255]^t>>>8;return~t>>>0}function de(r){return Float32Array.from(r,e=>{let t=e&32768?-1:1,a=e>>10&31,o=e&1023;return a===31?o?NaN:t*(1/0):t*(a===0?o*2**-24:(1024+o)*2**(a-25))})}var Wt=2**52;function Ge(r){let e=new Uint32Array(r.buffer,r.byteOffset,r.length),t=new Uint16Array(r.length);for(let a=0;a<r.length;a++){let o=e[a]>>>16&32768,s=e[a]&2147483647,n;s>2139095040?n=32256:s>=1199566848?n=31744:s<947912704?n=Math.abs(r[a])*2**24+Wt-Wt:n=s-939524096+4095+(s>>>13&1)>>>13,t[a]=o|n}return t}var ue={F32:4,F16:2},Ba=65504,za=1e8,xe="crc32",nt="00000000";function jt(r){let e=[...r.tensors].map(([d,c])=>({name:d,...c,dtype:c.dtype??"F32"})).sort((d,c)=>ue[c.dtype]-ue[d.dtype]),t={__metadata__:{...r.metadata,[xe]:nt}},a=0;for(let{name:d,shape:c,data:u,dtype:p}of e){if(u.length!==G(c))throw new RangeError(`Cannot store tensor "${d}": shape ${k(c)} has not ${u.length} values`);if(d==="__metadata__")throw new RangeError(`Cannot store a tensor of the reserved name "${d}"`);let f=a+u.length*ue[p];t[d]={dtype:p,shape:c,data_offsets:[a,f]},a=f}let o=new TextEncoder().encode(JSON.stringify(t)),s=Math.ceil(o.length/8)*8,n=new Uint8Array(8+s+a);new DataView(n.buffer).setUint32(0,s,!0),n.fill(32,8,8+s),n.set(o,8);let i=8+s;for(let{name:d,data:c,dtype:u}of e){if(u==="F32")n.set(new Uint8Array(c.buffer,c.byteOffset,c.byteLength),i);else{let p=qa(c,d);n.set(new Uint8Array(p.buffer),i)}i+=c.length*ue[u]}let l=Ht(n,s);return n.set(new TextEncoder().encode(Qt(be(n))),l),n}function qt(r,e){let t=h=>{throw new S(`Cannot read ${pe(e)} as safetensors: ${h}`)};r.length<8&&t(`it has ${r.length} bytes, too few for a header`);let a=new DataView(r.buffer,r.byteOffset,r.byteLength),o=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;o>za&&t(`its header claims ${o} bytes; it is no safetensors file or is damaged`),o>r.length-8&&t(`its header claims ${o} bytes, but only ${r.length-8} follow; the file is truncated or damaged`);let s=Wa(r.subarray(8,8+o),t),{__metadata__:n={},...i}=s;(!it(n)||Object.values(n).some(h=>typeof h!="string"))&&t("its metadata is not a list of strings; the file is damaged");let l=r.subarray(8+o),d=[],c=new Map,u=Object.entries(i).map(([h,g])=>{let v=Va(h,g,l.length,t);return d.push(v),{tensor:h,...v}});d.sort((h,g)=>h.begin-g.begin||h.end-g.end);let p=0;for(let{begin:h,end:g}of d)h!==p&&t(`its tensors overlap or leave a gap at byte ${Math.min(h,p)}; the file is damaged`),p=g;p!==l.length&&t(`its tensors fill ${p} bytes, but ${l.length} follow the header; the file is damaged`),ja(r,o,n,t);for(let{tensor:h,dtype:g,shape:v,begin:w,end:y}of u){let x=l.slice(w,y).buffer,_=g==="F32"?new Float32Array(x):de(new Uint16Array(x));c.set(h,{dtype:g,shape:v,data:_})}let{[xe]:f,...m}=n;return{tensors:c,metadata:m}}function Wa(r,e){let t;try{if(r[0]!==123)throw new SyntaxError;t=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(r))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return it(t)?t:e("its header is no JSON object; the file is damaged")}function Va(r,e,t,a){let o=c=>a(`tensor ${pe(r)} has ${c}; the file is damaged`);if(!it(e))return o("no description");let{dtype:s,shape:n,data_offsets:i}=e;if(s!=="F32"&&s!=="F16")return a(`tensor ${pe(r)} is of type ${pe(String(s))}; only F32 and F16 can be read`);if(!Array.isArray(n)||!n.every(Vt))return o("no valid shape");if(!Array.isArray(i)||i.length!==2||!i.every(Vt))return o("no valid offsets");let[l,d]=i;return d<l?o(`offsets ${l} to ${d}`):d>t?a(`tensor ${pe(r)} ends at byte ${d} of the data, but the file holds ${t}; it is truncated or damaged`):d-l!==G(n)*ue[s]?o(`${d-l} bytes, but shape ${k(n)} of ${s} takes ${G(n)*ue[s]}`):{dtype:s,shape:n,begin:l,end:d}}function ja(r,e,t,a){if(!Object.hasOwn(t,xe))return;let o=Ht(r,e);if(o!==void 0){let s=new TextEncoder().encode(nt),n=r.subarray(o+s.length),i=be(n,be(s,be(r.subarray(0,o))));if(Qt(i)===t[xe])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function Ht(r,e){let t=new TextEncoder().encode(`"${xe}":"`),a=8+e-t.length-nt.length;for(let o=8;o<=a;o++)if(t.every((s,n)=>r[o+n]===s))return o+t.length}function qa(r,e){let t=new Float16Array(r),a=t.findIndex((o,s)=>!Number.isFinite(o)&&Number.isFinite(r[s]));if(a>=0)throw new S(`Cannot store tensor ${pe(e)} as F16: the value ${r[a]} is beyond ±${Ba}; store it as F32`);return t}function pe(r){return JSON.stringify(r.length>80?`${r.slice(0,77)}...`:r).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var Qt=r=>r.toString(16).padStart(8,"0"),Vt=r=>Number.isSafeInteger(r)&&r>=0,it=r=>typeof r=="object"&&r!==null&&!Array.isArray(r);var lt="clairnet-1",ct=["name","recipe","loss","data","created","version","license","note"],Jt=["seed","steps"];function Ie(r={}){return{...Object.fromEntries(ct.map(t=>[t,""])),seed:0,steps:0,metrics:{},...r}}function Yt(r,e={}){let{topology:t,parameters:a}=r,o=new Map,s=Y(t).parameters;for(let{name:n,shape:i}of s){let l=a.get(n);if(!l)throw new RangeError(`Cannot store the model: parameter "${n}" is missing`);Xt(l,`Cannot store the model: parameter "${n}"`),o.set(n,{shape:i,data:l,dtype:e.dtype??"F32"})}if(a.size!==s.length)throw new RangeError(`Cannot store the model: it has ${a.size} parameters, its topology ${s.length}`);for(let[n,i]of e.tensors??[]){if(!n.includes("/"))throw new RangeError(`Cannot store extra tensor "${n}": its name must hold a "/"`);o.set(n,i)}return jt({tensors:o,metadata:{...e.metadata,...Ha(r)}})}function Ha({topology:r,info:e}){let t={format:lt,topology:JSON.stringify(r)};for(let a of ct)t[a]=e[a];for(let a of Jt)t[a]=String(e[a]);return t.metrics=JSON.stringify(e.metrics,(a,o)=>Number.isFinite(o)?o:typeof o=="number"?String(o):o),t}function dt(r,e){return Qa(qt(r,e),e)}function Qa(r,e){let t=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:o}=r;if(a.format!==lt||a.topology===void 0){let i=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new S(`${t}: its metadata has ${i}, where Clairnet's models have "${lt}"`)}let s=Ja(a.topology,t),n=new Map;for(let{name:i,shape:l}of Y(s).parameters){let d=o.get(i);if(!d)throw new S(`${t}: tensor "${i}" (${k(l)}) is missing`);if(k(d.shape)!==k(l))throw new S(`${t}: tensor "${i}" has shape ${k(d.shape)}, but its topology wants ${k(l)}`);Xt(d.data,`${t}: tensor "${i}"`),n.set(i,d.data)}for(let i of o.keys())if(!n.has(i)&&!i.includes("/"))throw new S(`${t}: tensor ${JSON.stringify(i)} is not part of its topology`);return{topology:s,parameters:n,info:Ya(a,t)}}function Xt(r,e){let t=r.findIndex(a=>!Number.isFinite(a));if(t>=0)throw new S(`${e} holds ${r[t]} at ${t}: the training diverged or the file is damaged`)}function Ja(r,e){try{let{channels:t,widths:a,encoderBlocks:o,decoderBlocks:s,activation:n,down:i,up:l,residual:d,corrects:c="all",residualBlocks:u,scale:p}=JSON.parse(r);for(let[f,m]of Object.entries({widths:a,encoderBlocks:o,decoderBlocks:s}))if(!Array.isArray(m))throw new RangeError(`${f} is no list`);if(typeof t!="number")throw new RangeError("channels is no number");for(let[f,m]of Object.entries({residual:d,residualBlocks:u}))if(typeof m!="boolean")throw new RangeError(`${f} is neither true nor false`);for(let[f,m]of Object.entries({activation:n,down:i,up:l,corrects:c}))if(typeof m!="string")throw new RangeError(`${f} is no word`);return Ne({channels:t,widths:a,encoderBlocks:o,decoderBlocks:s,activation:n,down:i,up:l,residual:d,corrects:c,residualBlocks:u,scale:p??1})}catch(t){let a=t instanceof RangeError?t.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new S(`${e}: the topology in its metadata is damaged (${a})`,{cause:t})}}function Ya(r,e){let t={};for(let a of ct)t[a]=r[a]??"";for(let a of Jt){let o=Number(r[a]??0);if(!Number.isSafeInteger(o)||o<0)throw new S(`${e}: ${a} in its metadata is no whole number`);t[a]=o}try{let a=Object.entries(JSON.parse(r.metrics??"{}")).map(([o,s])=>[o,Number(s)]);t.metrics=Object.fromEntries(a)}catch(a){throw new S(`${e}: the metrics in its metadata are damaged`,{cause:a})}return t}function Zt(r,{peak:e,warmup:t,steps:a}){if(r<=t)return e*r/t;let o=Math.min((r-t)/(a-t+1),1);return e*.5*(1+Math.cos(Math.PI*o))}var Xa=.999,Za=500;function er(r,{peak:e,steps:t,decay:a=0}){let o=Math.min(Za,Math.ceil(t/20));return{beta1:.9,beta2:.99,maxNorm:1,step:r,decay:a,learningRate:Zt(r,{peak:e,warmup:o,steps:t}),ema:eo(r)}}function eo(r){return Math.min((1+r)/(10+r),Xa)}function tr(r){let e=[],t=[],a=new Array(r.length).fill(-1),o=r.map((s,n)=>n).sort((s,n)=>r[n].bytes-r[s].bytes||r[s].first-r[n].first);for(let s of o){let n=r[s],i=t.findLastIndex(l=>l.every(d=>!to(d,n)));i<0&&(i=e.push(n.bytes)-1,t.push([])),t[i].push(n),a[s]=i}return{assignment:a,sizes:e}}function to(r,e){return r.first<=e.last&&e.first<=r.last}var W={f32:4,f16:2};function rr(r,e,t="f32"){return e==="flat"?G(r)*W[t]:G(r.slice(0,-1))*C(r[r.length-1])*W[t]}function Fe(r,e,t){let a=C(e);if(a===e)return t?.set(r),t??r;let o=r.length/e,s=t??new Float32Array(o*a);for(let n=0,i=0,l=0;n<o;n++,l+=a-e)for(let d=0;d<e;d++)s[l++]=r[i++];return s}function _e(r,e){let t=C(e);if(t===e)return r;let a=r.length/t,o=new Float32Array(a*e);for(let s=0,n=0,i=0;s<a;s++,n+=t-e)for(let l=0;l<e;l++)o[i++]=r[n++];return o}var V=64,ro=65535,re=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=new Map;#t="";constructor(e){this.training=e.training}tensor(e,t,a={}){if(e.some(i=>!Number.isInteger(i)||i<1))throw new b(`Cannot record the tensor ${t}: its shape ${k(e)} must have positive extents`);let{layout:o="image",type:s="f32"}=a,n={id:this.tensors.length,name:t,shape:e,layout:o,type:s,lifetime:a.lifetime??"planned",bytes:rr(e,o,s),...a.external?{external:a.external}:{}};return this.tensors.push(n),n}input(e,t,a="f32"){let o=this.tensor(t,e,{lifetime:"persistent",type:a});return this.inputs.set(e,o),o}scalars(e,t){let a=this.tensor([Math.ceil(t/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,t){this.outputs.set(e,t)}within(e,t){let a=this.#t;this.#t=a?`${a}/${e}`:e;try{return t()}finally{this.#t=a}}dispatch(e,t,a){let o=Object.keys(e.bindings);if(o.join()!==Object.keys(t).join())throw new b(`Cannot record ${e.name}: it binds ${o.join()}, got ${Object.keys(t).join()}`);let n=e.params.map(u=>u.split(":")[0]).find(u=>a.params[u]===void 0);if(n)throw new b(`Cannot record ${e.name}: the parameter ${n} is not given`);let i=o.filter(u=>e.bindings[u]==="read_write").map(u=>I(t[u]).tensor);for(let u of o){let{tensor:p}=I(t[u]);if(e.bindings[u]!=="read_write"?i.includes(p):i.filter(f=>f===p).length>1)throw new b(`Cannot record ${e.name}: ${p.name} is bound for reading and writing at once`)}let l={...a.types,...oo(e,t)},[d,c]=ao(Math.ceil(a.invocations/(a.workgroup??V)));this.dispatches.push({label:[this.#t,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},types:l,params:a.params,bindings:t,workgroups:[d,c,a.groups??1],once:a.once??!1,flops:a.flops??0})}gradient(e,t){if(!this.training)return;let a=this.#t;this.#e.push(()=>{let o=this.#r.get(e);o?.written&&this.within(a?`${a}.grad`:"grad",()=>t(o.gradient))})}gradientOf(e){let t=this.#r.get(e);t||this.#r.set(e,t={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=t.written;return t.written=!0,{gradient:t.gradient,accumulate:a}}hasGradient(e){return this.#r.has(e)}passGradient(e,t){if(this.#r.has(e))throw new b(`Cannot pass on ${t.name}: ${e.name} has a gradient already`);this.#r.set(e,{gradient:t,written:!0})}gradientInput(e,t){this.#r.set(t,{gradient:this.input(e,t.shape),written:!0})}backward(){for(let e of this.#e.splice(0).reverse())e()}};function ao(r){let e=Math.max(1,Math.ceil(r/ro));return[Math.max(1,Math.ceil(r/e)),e]}function oo(r,e){let t={},a=new Set(Object.keys(e)),o=s=>I(e[s]).tensor.type;for(let[s,n]of Object.entries(r.types??{}))for(let i of n)if(a.delete(i),(t[s]??=o(i))!==o(i))throw new b(`Cannot record ${r.name}: ${n.join(", ")} must be of one type`);for(let s of a)if(o(s)!=="f32")throw new b(`Cannot record ${r.name}: it takes ${s} as f32 only`);return t}function I(r){return"tensor"in r?r:{tensor:r,offset:0,size:r.bytes}}function M(r){return r.bytes/(4*W[r.type])}function ut(r){return G(r.shape)}function ar({kernel:r,bindings:e,params:t}){let a=Number(t.accumulate??0)!==0;return Object.entries(e).reduce((o,[s,n])=>{let i=r.bindings[s]==="read_write"&&(a||r.updates?.includes(s));return o+I(n).size*(i?2:1)},0)}var or=2048,so=60,sr=new WeakMap;function no(r){return r.device.features.has("timestamp-query")}async function nr(r,e){if(!no(r))throw new b("Cannot profile: the adapter has no timestamp queries");let t=await io(r),a=[];for(let o=0;o<e.length;o+=or){let s=await ir(r,e.slice(o,o+or));for(let n=0;n<s.length;n+=2)a.push(Math.max(0,Number(s[n+1]-s[n])*t))}return a}async function ir(r,e){let{device:t}=r,a=e.length*2,o=t.createQuerySet({type:"timestamp",count:a}),s=r.buffer("timestamps",a*8,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),n=r.buffer("read timestamps",a*8,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let i=t.createCommandEncoder();return e.forEach((l,d)=>{let c=i.beginComputePass({timestampWrites:{querySet:o,beginningOfPassWriteIndex:d*2,endOfPassWriteIndex:d*2+1}});l(c),c.end()}),i.resolveQuerySet(o,0,a,s,0),i.copyBufferToBuffer(s,0,n,0,a*8),t.queue.submit([i.finish()]),await n.mapAsync(GPUMapMode.READ),r.check(),new BigUint64Array(n.getMappedRange(0,a*8).slice(0))}finally{for(let i of[s,n])r.release(i);o.destroy()}}function io(r){let e=sr.get(r);return e||sr.set(r,e=lo(r)),e}async function lo(r){let e=async()=>{let o=performance.now(),[s]=await ir(r,[()=>{}]);return{now:o,start:s}};await e();let t=await e();await new Promise(o=>setTimeout(o,so));let a=await e();return co(Number(a.start-t.start),(a.now-t.now)*1e6)}function co(r,e){let t=e/r;return r>0&&(t<.5||t>2)?t:1}function lr(r,{compiled:e,group:t,dispatch:a}){r.setPipeline(e.pipeline),r.setBindGroup(0,t),r.dispatchWorkgroups(...a.workgroups)}var pt=256;async function ke(r,e){let t=performance.now();try{return await uo(r,e)}finally{r.times.prepare+=(performance.now()-t)/1e3}}async function uo(r,e){let{device:t}=r;r.check();let a=[];for(let{kernel:u,constants:p,types:f}of e.dispatches)a.push(await r.kernel(u,p,f));t.pushErrorScope("validation"),t.pushErrorScope("out-of-memory");let o=[],s=(u,p,f)=>{let m=r.buffer(u,p,f);return o.push(m),m},n=()=>o.forEach(u=>r.release(u)),i,l;try{let u=po(e,s),p=new DataView(new ArrayBuffer(e.dispatches.length*pt));e.dispatches.forEach(({kernel:h,params:g},v)=>{h.params.forEach((w,y)=>{let[x,_]=w.split(":"),T=v*pt+y*4;_==="f32"?p.setFloat32(T,g[x],!0):p.setInt32(T,g[x],!0)})});let f=s("uniforms",Math.max(p.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST);r.write(f,0,new Uint32Array(p.buffer));let m=e.dispatches.map((h,g)=>({dispatch:h,compiled:a[g],group:t.createBindGroup({label:h.label,layout:a[g].layout,entries:[{binding:0,resource:{buffer:f,offset:g*pt,size:h.kernel.params.length*4}},...Object.values(h.bindings).map((v,w)=>{let{tensor:y,offset:x,size:_}=I(v);return{binding:w+1,resource:{buffer:u.get(y),offset:x,size:_}}})]})}));i=new mt(r,e,m,u,o)}catch(u){l=u}let d=await t.popErrorScope(),c=await t.popErrorScope();if(d?l=new D(`The GPU is out of memory for a plan: ${d.message}`):c&&(l??=new b(`Cannot build a plan: ${c.message}`)),l)throw n(),l;return i}function po(r,e){let t=new Map,a=new Map;r.dispatches.forEach((c,u)=>{for(let p of Object.values(c.bindings)){let{tensor:f}=I(p);t.has(f)||t.set(f,u),a.set(f,u)}});for(let c of r.outputs.values())a.set(c,r.dispatches.length);let o=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,s=new Map,n=r.tensors.filter(c=>{if(c.external)s.set(c,c.external);else if(c.lifetime==="persistent")s.set(c,e(c.name,c.bytes,o));else return t.has(c);return!1}),{assignment:i,sizes:l}=tr(n.map(c=>({bytes:c.bytes,first:t.get(c),last:a.get(c)}))),d=l.map((c,u)=>e(`shared ${u}`,c,o));return n.forEach((c,u)=>s.set(c,d[i[u]])),s}var mt=class{#e;#r;#t;#o;#a;#s=new Map;#n=0;#i=new Map;#l=!0;constructor(e,t,a,o,s){this.#e=e,this.#r=t,this.#t=a,this.#o=o,this.#a=s}write(e,t){let a=this.#r.inputs.get(e);if(!a)throw new b(`Cannot write ${e}: the plan has no such input`);let o=performance.now(),s=t;if(a.layout==="image"){let n=a.shape[a.shape.length-1],i=this.#i.get(e);if(i||this.#i.set(e,i=new Float32Array(M(a)*4)),t.length!==a.shape.reduce((l,d)=>l*d,1))throw new b(`Cannot write ${e}: it is ${k(a.shape)}, got ${t.length} values`);s=Fe(t,n,i)}this.#e.write(this.#o.get(a),0,a.type==="f16"?Ge(s):s),this.#e.times.upload+=(performance.now()-o)/1e3}run(){this.#e.check();let e=performance.now(),t=this.#e.device.createCommandEncoder(),a=t.beginComputePass();for(let o of this.#t)o.dispatch.once&&!this.#l||lr(a,o);a.end(),this.#e.device.queue.submit([t.finish()]),this.#l=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#l=!0}async read(e){let t=this.#r.outputs.get(e);if(!t)throw new b(`Cannot read ${e}: the plan has no such output`);let{device:a,times:o}=this.#e,s=performance.now(),n=this.#s.get(e);n||this.#s.set(e,n=[]);let i=n.pop(),l=m=>{let h=a.createCommandEncoder();return h.copyBufferToBuffer(this.#o.get(t),0,m,0,t.bytes),a.queue.submit([h.finish()]),m},d=i?l(i):await this.#c(e,t,l);try{await d.mapAsync(GPUMapMode.READ)}catch(m){throw this.#e.check(),m}let c=performance.now();o.compute+=(c-Math.max(s,this.#n))/1e3,this.#n=c;let u=d.getMappedRange(0,t.bytes).slice(0),p=t.type==="f16"?de(new Uint16Array(u)):new Float32Array(u);d.unmap(),n.push(d),this.#e.check();let f=t.layout==="image"?_e(p,t.shape[t.shape.length-1]):p;return o.download+=(performance.now()-c)/1e3,f}async#c(e,t,a){let{device:o}=this.#e;o.pushErrorScope("validation"),o.pushErrorScope("out-of-memory");let s,n;try{n=this.#e.buffer(`read ${e}`,t.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),this.#a.push(n),a(n)}finally{s=[o.popErrorScope(),o.popErrorScope()]}let[i,l]=await Promise.all(s);if(i)throw new D(`The GPU is out of memory to read ${e}: ${i.message}`);if(l)throw new b(`Cannot read ${e}: ${l.message}`);return n}describe(){let e=this.#a.reduce((a,o)=>a+o.size,0);return[...this.#t.map(({dispatch:a})=>{let o=Object.entries(a.bindings).map(([s,n])=>`${s} ${I(n).tensor.name} ${k(I(n).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${o.join(", ")})`}),`${this.#t.length} steps, ${this.#a.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#a.reduce((e,t)=>e+t.size,0)}async profile(){this.#e.check();let e=this.#t.filter(({dispatch:a})=>!a.once||this.#l),t=await nr(this.#e,e.map(a=>o=>lr(o,a)));return this.#l=!1,e.map(({dispatch:a},o)=>({label:a.label,kernel:a.kernel.name,milliseconds:t[o]/1e6,flops:a.flops,bytes:ar(a)}))}[Symbol.dispose](){for(let e of this.#a.splice(0))this.#e.release(e)}};var cr={none:0,relu:1,"leaky-relu":2};function dr(r){return cr[r]}var ur=new WeakMap;function pr(r,e){ur.set(r,e)}function me(r){return ur.get(r)??"none"}function F(r,e){let t=me(r);return{activated:t==="none"?e:r,constants:{ACTIVATION:cr[t]}}}var mo={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"},types:{a4:["a"],b4:["b"],result4:["y"]}},mr={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},fo={name:"add_grad_in_place",params:["count","accumulate","activation_a","activation_b"],bindings:{a:"read",b:"read",dy:"read_write",db:"read_write"},includes:["activation"],updates:["dy"]};function Ke(r,e,t,a="add",o=new Set){if(e.shape.join()!==t.shape.join())throw new b(`Cannot record add "${a}": its terms are ${k(e.shape)} and ${k(t.shape)}`);let s=r.tensor(e.shape,a,{type:e.type===t.type?e.type:"f32"}),n=M(s);return r.within(a,()=>{r.dispatch(mo,{a:e,b:t,y:s},{params:{count:n},invocations:n}),r.gradient(s,i=>{let l=[e,t].filter(u=>!o.has(u)),d=e===t?[]:l.filter(u=>!r.hasGradient(u)),c=d.find(u=>me(u)==="none")??(l.length===2?d[0]:void 0);ho(r,i,l,c)})}),s}function fr(r,e,t){let{gradient:a,accumulate:o}=r.gradientOf(e),{activated:s,constants:n}=F(e,t),i=M(t);r.dispatch(mr,{dy:t,activated:s,dx:a},{params:{count:i,accumulate:Number(o)},constants:n,invocations:i})}function ho(r,e,t,a){let o=M(e),s=t.filter(i=>i!==a),n=a!==void 0&&me(a)!=="none";for(let i of s){let{gradient:l,accumulate:d}=r.gradientOf(i),{activated:c,constants:u}=F(i,n?a:e);n?r.dispatch(fo,{a,b:c,dy:e,db:l},{params:{count:o,accumulate:Number(d),activation_a:F(a,a).constants.ACTIVATION,activation_b:u.ACTIVATION},invocations:o}):r.dispatch(mr,{dy:e,activated:c,dx:l},{params:{count:o,accumulate:Number(d)},constants:u,invocations:o})}a&&r.passGradient(a,e)}var go={name:"add_at_extremes",params:["count"],bindings:{x:"read",r:"read",y:"read_write"},types:{correction4:["r"]}},yo={name:"add_at_extremes_grad",params:["count","accumulate"],bindings:{dy:"read",x:"read",activated:"read",dr:"read_write"},includes:["activation"]};function hr(r,e,t,a="addAtExtremes",o=new Set){if(e.shape.join()!==t.shape.join()||e===t)throw new b(`Cannot record addAtExtremes "${a}": it takes two tensors of one shape, not ${k(e.shape)} and ${e===t?"itself":k(t.shape)}`);let s=r.tensor(e.shape,a),n=M(s);return r.within(a,()=>{r.dispatch(go,{x:e,r:t,y:s},{params:{count:n},invocations:n}),r.gradient(s,i=>{if(!o.has(t)){let{gradient:l,accumulate:d}=r.gradientOf(t),{activated:c,constants:u}=F(t,i);r.dispatch(yo,{dy:i,x:e,activated:c,dr:l},{params:{count:n,accumulate:Number(d)},constants:u,invocations:n})}o.has(e)||fr(r,e,i)})}),s}var R=r=>"upsampled"in r?r.upsampled:r,K=r=>"upsampled"in r?1:0,P=r=>C(r.shape[3])/4;function ft(r){let{shape:e}=R(r),t=1<<K(r);return[e[1]*t,e[2]*t]}function ht(r,{name:e,stride:t,outChannels:a}){if(r.length<1||r.length>2)throw new b(`Cannot record conv2d "${e}": it reads one or two inputs, got ${r.length}`);let[o,s]=ft(r[0]),n=R(r[0]).shape[0];for(let i of r){let[l,d]=ft(i),{shape:c}=R(i);if(c.length!==4||l!==o||d!==s||c[0]!==n)throw new b(`Cannot record conv2d "${e}": its inputs are ${k(R(r[0]).shape)} and ${k(c)}`)}if(r.length===2&&K(r[1]))throw new b(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[n,le(o,t),le(s,t),a]}function gr(r,e){let[t,a]=ft(r[0]);return{batch:e.shape[0],height:t,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:r.reduce((o,s)=>o+P(R(s)),0),out4:P(e),...e.type==="f16"?{half:!0}:{}}}function yr(r,e,{name:t,kernel:a,outChannels:o}){let s=r.map(l=>R(l).shape[3]),n=e.specs.find(l=>l.name===`${t}.weight`),i=[a,a,s.reduce((l,d)=>l+d,0),o];if(!n||n.shape.join()!==i.join()||(n.sources??[i[2]]).join()!==s.join())throw new b(`Cannot record conv2d "${t}": input has ${s.join(" + ")} channels, so the weight is ${k(i)}; got ${n?k(n.shape):"none"}`)}function j({batch:r,out_height:e,out_width:t,options:a,sources:o},s){let n=s??o.reduce((i,l)=>i+R(l).shape[3],0);return 2*r*e*t*a.kernel**2*n*a.outChannels}function X(r,e){return Object.fromEntries(e.map(t=>[t,r[t]]))}var fe=globalThis.navigator?.hardwareConcurrency??2;var vo=19,Se=65536;function Le(r){return Math.ceil((72*r+2)/16)*16}function ae(r){return Math.floor(Se/(Le(r)*16))}function gt(r){return r%4===0||r%4===3}var vr={old:16,new:8,gpu:16},wo=512;function bo(r,e,t){let{llvm:a,software:o}=r,{batch:s,height:n,width:i,kernel:l,stride:d}=e,c=Math.min(e.in4,e.out4),u=l===3&&d===1&&t!=="weight-gradient";if(o){if(a===void 0)return"tile8";let p=a<vo;if(u&&c>=vr[p?"old":"new"])return"winograd4_tile16";if(!p)return"tile8";let f=t==="input-gradient"?e.in4:e.out4,m=s*Math.ceil(n/4)*Math.ceil(i/8)*Math.ceil(f/4);return t!=="weight-gradient"&&m>=16*fe&&he("tile8x4x16",e,t)?"tile8x4x16":"tile8x4"}return t==="weight-gradient"?"gemm":u&&c>=vr.gpu?"winograd4":s*n*i/d**2/128>=wo?"gemm128":"gemm"}function he(r,e,t){if(r==="naive"||r==="gemm"||r==="gemm128")return!0;if(r==="gemm_f16"||r==="gemm128_f16")return t==="forward"&&e.half===!0;if(e.kernel!==3||e.stride!==1)return!1;let a=r.startsWith("winograd");return t==="weight-gradient"?!a:r==="tile8x4x16"&&t==="forward"&&!gt(e.out4)?!1:a||Le(t==="forward"?e.in4:e.out4)*16<=Se}function wr(r,e,t,a){let o=r==="auto"?bo(e,t,a):r;return he(o,t,a)?o:o==="gemm128_f16"?"gemm128":o==="tile8x4x16"&&he("tile8x4",t,a)?"tile8x4":o==="winograd4_tile16"&&he("tile8",t,a)?"tile8":o==="winograd2"||o==="winograd4"||o==="gemm_f16"?"gemm":"naive"}var _o=4;function xr(r,e){let{batch:t,height:a,width:o,in4:s,out4:n,kernel:i,stride:l,half:d}=r;return`${e} ${t}×${a}×${o} ${s}→${n} ${i}×${i} /${l}${d?" f16":""}`}function ko(r){let e=/^([a-z-]+) (\d+)×(\d+)×(\d+) (\d+)→(\d+) (\d)×\d \/(\d)( f16)?$/.exec(r);if(!e)return;let[t,a,o,s,n,i,l]=e.slice(2,9).map(Number),d=e[1],c={batch:t,height:a,width:o,in4:s,out4:n,kernel:i,stride:l,...e[9]?{half:!0}:{}};return xr(c,d)===r?{layer:c,role:d}:void 0}function _r(r,e,t){if(r.size===0)return"auto";let a=r.get(xr(e,t))??So(r,e,t);return a!==void 0&&he(a,e,t)?a:"auto"}function So(r,e,t){let a;for(let[o,s]of r){let n=ko(o);if(n?.role!==t||!To(n.layer,e))continue;let i=Math.abs(Math.log(br(n.layer)/br(e)));i<=Math.log(_o)&&i<(a?.distance??1/0)&&(a={variant:s,distance:i})}return a?.variant}function To(r,e){return r.in4===e.in4&&r.out4===e.out4&&r.kernel===e.kernel&&r.stride===e.stride&&r.half===e.half}function br({batch:r,height:e,width:t}){return r*e*t}var Ao={name:"conv2d_gemm",params:["batch","rows","columns","height","width","a4","b4","shift","holes","target4","in4","out4","first4","kernel","stride","batch_weights","accumulate","activation"],bindings:{a:"read",b:"read",w:"read",bias:"read",activated:"read",y:"read_write"},types:{source4:["a","b"],weight4:["w","bias"],activated4:["activated"],result4:["y"],tile4:[],product4:[]},includes:["activation","gemm_tile"],prelude:["M","N","VECS","K4","CHUNK"]},Ro=0,Po=1,Oo=2,Eo=[{M:64,N:64,VECS:2},{M:64,N:32,VECS:1},{M:128,N:16,VECS:1}],yt={M:128,N:64,VECS:2};function vt(r){let e=({N:t})=>Math.ceil(r/t)*(t+8);return Eo.reduce((t,a)=>e(a)<e(t)?a:t)}var Te={gemm:{large:!1,half:!1},gemm128:{large:!0,half:!1},gemm_f16:{large:!1,half:!0},gemm128_f16:{large:!0,half:!0}},Co=32;function kr(r,e,t){let{batch:a,in4:o,out4:s,kernel:n,weight:i,bias:l}=r,d=e.role==="forward",[c,u]=d?[r.out_height,r.out_width]:[r.height,r.width],[p,f=p]=e.sources.map(R),m=d?1:r.stride;Tr(r.rec,{a:p,b:f,w:i,bias:l,activated:e.residual??e.activated,y:e.target},{batch:a,rows:c,columns:u,height:d?r.height:r.out_height*m,width:d?r.width:r.out_width*m,a4:P(p),b4:e.sources[1]?P(f):0,shift:d?K(e.sources[0]):m-1,holes:m-1,target4:P(e.target),in4:o,out4:s,first4:e.first4,kernel:n,stride:d?r.stride:1,batch_weights:0,accumulate:Number(e.accumulate),activation:e.activation},{mode:d?Po:Ro,kind:t,residual:e.residual!==void 0,flops:d?j(r):j(r,e.target.shape[3])})}function Sr(r,{v:e,u:t,m:a},{batch:o,rows:s,source4:n,target4:i}){Tr(r,{a:e,b:e,w:t,bias:e,activated:e,y:a},{batch:o,rows:s/8,columns:8,height:s/8,width:8,a4:n,b4:0,shift:0,holes:0,target4:i,in4:n,out4:i,first4:0,kernel:1,stride:1,batch_weights:n*4*i,accumulate:0,activation:0},{mode:Oo,residual:!1,kind:s%yt.M===0?Te.gemm128:Te.gemm,flops:2*o*s*n*4*i*4})}function Tr(r,e,t,{mode:a,kind:o,residual:s,flops:n}){let{batch:i,rows:l,columns:d,a4:c,b4:u,target4:p}=t,f=vt(p*4),m=o.large&&f.N===yt.N?yt:f,h=m.N===16||c+u===1?1:2,g=i*Math.ceil(l/(m.M/8))*Math.ceil(d/8),v=[e.a,e.w].every(w=>I(w).tensor.type==="f16");r.dispatch(Ao,e,{params:t,constants:{...m,K4:h,CHUNK:v&&o.half?Co/(4*h):0,MODE:a,RESIDUAL:Number(s)},types:{tile4:v?"f16":"f32",product4:v&&o.half?"f16":"f32"},invocations:g*V,groups:Math.ceil(p*4/m.N),flops:n})}function Ar(r){return{name:r,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","blocks","block_vec4s","accumulate","activation"],bindings:{x:"read",w:"uniform",activated:"read",y:"read_write"},types:{source4:["x"],activated4:["activated"],result4:["y"]},includes:["activation","conv2d_tile"],prelude:r==="conv2d_tile8"?["WORKGROUP"]:["WORKGROUP","OUTPUTS4"]}}var Rr=Ar("conv2d_tile8"),Pr=Ar("conv2d_tile8x4"),Or={name:"conv2d_pack",params:["in4","out4","source4","source_first4","target4","first4","block_vec4s","count"],bindings:{weight:"read",bias:"read",packed:"read_write"},types:{weight4:["weight","bias"]}},Er={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},types:{source4:["a","b"],weight4:["w","bias"],result4:["y"]},includes:["activation"]},Cr={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},Mr={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows","slice_vec4s","bias_at"],bindings:{x:"read",dy:"read",partials:"read_write"},prelude:["WORKGROUP"]},Ur={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},Nr={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};function $r(r,e){let{rec:t,options:a,weight:o,bias:s}=r,{kernel:n,stride:i}=a;if(e.role==="forward"){let[p,f=p]=e.sources.map(R);t.dispatch(Er,{a:p,b:f,w:o,bias:s,y:e.target},{params:{...X(r,["batch","height","width","out_height","out_width","out4"]),a4:P(p),b4:e.sources[1]?P(f):0,a_shift:K(e.sources[0]),kernel:n,stride:i},constants:{ACTIVATION:e.activation},invocations:r.batch*r.out_height*r.out_width*r.out4,flops:j(r)});return}let{target:l,activated:d,first4:c}=e,u=P(l);t.dispatch(Cr,{dy:R(e.sources[0]),w:o,activated:d,dx:l},{params:{...X(r,["batch","height","width","out_height","out_width","in4","out4"]),target4:u,first4:c,kernel:n,stride:i,accumulate:Number(e.accumulate)},constants:{ACTIVATION:e.activation},invocations:r.batch*r.height*r.width*u,flops:j(r,l.shape[3])})}var De={tile8:{height:1,blocks:1,step:2,added:4,dispatch:30},tile8x4:{height:4,blocks:1,step:5,added:15,dispatch:30},tile8x4x16:{height:4,blocks:2,step:8,added:30,dispatch:30}};function Gr(r,e,t,a,o=fe){let{step:s,added:n,dispatch:i,blocks:l}=De[a],d=r,c=1/0;for(let u=1;u<=r;u++){let p=Math.ceil(r/u),f=ae(p)-ae(p)%l;if(f<1)continue;let m=0;for(let h=0;h<e;h+=f){let g=t*Math.min(f,e-h)/l;m+=u*i+Math.ceil(g/(8*o))*(r*s+(u-1)*n)}m<c&&([c,d]=[m,p])}return d}var Mo=0,Uo=1,No=2;function Ir(r,e,t){let a=P(e.target),o=t==="tile8x4x16"&&!$o(r,e)?"tile8x4":t,s=Math.ceil(a/2),n=r.batch*Math.ceil(r.height/De[o].height)*Math.ceil(r.width/8),i=[],l=0;for(let d of e.sources){let c=P(R(d)),u=r.software?Gr(c,s,n,o):c;for(let p=0;p<c;p+=u)i.push({source:d,first4:p,in4:Math.min(u,c-p),place4:l+p});l+=c}i.forEach((d,c)=>Go(r,e,o,d,{tiles:n,blocks:s,first:c===0,last:c===i.length-1}))}function $o({software:r},{sources:e,target:t}){let a=o=>ae(P(R(o)))>=2;return gt(P(t))&&(r||e.every(a))}function Go(r,e,t,{source:a,first4:o,in4:s,place4:n},{tiles:i,blocks:l,first:d,last:c}){let{rec:u,batch:p,height:f,width:m,software:h}=r,g=e.role==="forward",v=R(a),w=P(e.target),y=Le(s),x=De[t].blocks,_=ae(s)-ae(s)%x,T=t!=="tile8",$=!u.training,E=Math.floor((l-1)/_)*_*y*16,U=u.tensor([(E+Se)/4],`${r.options.name}.packed`,{layout:"flat",lifetime:$?"persistent":"planned"});u.dispatch(Or,{weight:r.weight,bias:r.bias,packed:U},{params:{in4:r.in4,out4:r.out4,source4:s,source_first4:n,target4:w,first4:e.first4,block_vec4s:y,count:l*18*s},constants:{FORWARD:Number(g)},invocations:l*18*s,once:$});let O=h?8:V,A=c?e.residual:void 0;for(let N=0;N<l;N+=_){let L=Math.min(_,l-N);u.dispatch(T?Pr:Rr,{x:v,w:{tensor:U,offset:N*y*16,size:Se},activated:A??e.activated,y:e.target},{params:{batch:p,height:f,width:m,x4:P(v),first4:o,in4:s,shift:K(a),out4:w,first_block:N,blocks:L/x,block_vec4s:y,accumulate:Number(e.accumulate||!d),activation:c||!g?e.activation:0},constants:{MODE:g?d?Uo:No:Mo,BLOCKS_IN_LANES:Number(h),WORKGROUP:O,RESIDUAL:+(A!==void 0),...T&&{OUTPUTS4:x===2?4:w===1?1:2}},invocations:h?i*L/x:i,groups:h?1:L/x,workgroup:O,flops:18*p*f*m*s*4*Math.min(L*8,(w-N*2)*4)})}}var Io={name:"sum_slices",params:["count","slices","accumulate"],bindings:{partials:"read",total:"read_write"}};function B(r,e,t,a,o=!1){let s=I(t).size/16;r.dispatch(Io,{partials:e,total:t},{params:{count:s,slices:a,accumulate:Number(o)},invocations:s})}function H(r,e){let t=Math.ceil(r/Math.max(1,Math.min(e,r)));return{slices:Math.ceil(r/t),each:t}}var Fo={name:"conv2d_weight_grad_gemm",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","rows","kernel","stride","across"],bindings:{x:"read",dy:"read",partials:"read_write"},types:{tile4:["x","dy"],product4:[]},includes:["gemm_tile"],prelude:["M","N","VECS","K4"]},Ko=512,Lo=256;function Fr(r,e,t){let{rec:a,options:o,in4:s,out4:n,kernel:i,stride:l}=r,d=i**2,c=vt(n*4),u=Math.ceil(n*4/c.N),p=w=>Math.ceil(d*w*4/c.M)*u,f=Math.min(Math.ceil(Ko/p(s)),Lo),{slices:m,each:h}=H(r.batch*r.out_height,f),g=a.tensor([m,d,s*4,n*4],`${o.name}.weight partials`,{layout:"flat"}),v=0;for(let w of r.sources){let y=R(w),x=P(y);a.dispatch(Fo,{x:y,dy:e,partials:g},{params:{...X(r,["batch","height","width","out_height","out_width"]),in4:x,out4:n,shift:K(w),first4:v,total4:s,rows:h,kernel:i,stride:l,across:u},constants:{...c,K4:2},invocations:p(x)*V,groups:m,flops:j(r,y.shape[3])}),v+=x}B(a,g,t.range(a,`${o.name}.weight`,"gradients"),m)}var Do=2048,Bo=128*fe;function Kr(r,e){return 3*Math.ceil(r/2)*Math.ceil(e/2)}function Lr(r,e,t,a){if(a!=="naive"&&!a.startsWith("tile8"))return Fr(r,e,t),!1;let{rec:o,options:s,in4:n,out4:i,software:l}=r,d=a!=="naive",c=s.kernel**2,p=(d&&l?Bo:Do)/(d?Kr(n,i):n*i*c),{slices:f,each:m}=H(r.batch*r.out_height,d&&l?Math.max(1,Math.round(p)):Math.ceil(p)),[h,g]=[`${s.name}.weight`,`${s.name}.bias`],v=d?t.span(o,h,g,"gradients"):void 0,w=v??t.range(o,h,"gradients"),y=v?w.size/16-i:0,x=f===1?w:o.tensor([f,w.size/4],`${s.name}.weight partials`,{layout:"flat"}),_=l?8:V,T=0;for(let $ of r.sources){let E=R($),U=P(E),O={out4:i,shift:K($),in4:U,first4:T,total4:n,slices:f,rows:m},A=j(r,E.shape[3]);d?o.dispatch(Mr,{x:E,dy:e,partials:x},{params:{...X(r,["batch","height","width"]),...O,slice_vec4s:w.size/16,bias_at:T===0?y:0},constants:{WORKGROUP:_},invocations:Kr(U,i)*f,workgroup:_,flops:A}):o.dispatch(Ur,{x:E,dy:e,partials:x},{params:{...X(r,["batch","height","width","out_height","out_width"]),...O,kernel:s.kernel,stride:s.stride},invocations:c*U*i*f,flops:A}),T+=U}return f>1&&B(o,x,w,f),v!==void 0}function Dr(r,e,t){let{rec:a,options:o,out4:s}=r,n=r.batch*r.out_height*r.out_width,{slices:i,each:l}=H(n,Math.ceil(256/s)),d=a.tensor([i,s*4],`${o.name}.bias partials`,{layout:"flat"});a.dispatch(Nr,{dy:e,partials:d},{params:{pixels:n,out4:s,slices:i,slice_pixels:l},invocations:s*i}),B(a,d,t.range(a,`${o.name}.bias`,"gradients"),i)}var zo={name:"winograd_weights",params:["in4","out4","source4","target4","first4"],bindings:{weight:"read",u:"read_write"},types:{weight4:["weight"],transformed4:["u"]},prelude:["TILE","WORKGROUP"]},Wo={name:"winograd_input",params:["height","width","x4","first4","source4","shift","first","count","stored","across","down"],bindings:{x:"read",v:"read_write"},types:{source4:["x"],transformed4:["v"]},prelude:["TILE","WORKGROUP"]},Vo={name:"winograd_output",params:["height","width","target4","first","count","stored","across","down","accumulate","activation"],bindings:{m:"read",bias:"read",activated:"read",y:"read_write"},types:{transformed4:["m"],weight4:["bias"],activated4:["activated"],result4:["y"]},includes:["activation"],prelude:["TILE","WORKGROUP"]},jo={name:"winograd_product",params:["parts","rows","source4","target4"],bindings:{v:"read",u:"read",m:"read_write"},prelude:["WORKGROUP"]},Br={winograd2:{tile:2,registers:!1},winograd4:{tile:4,registers:!1},winograd4_tile16:{tile:4,registers:!0}},qo=32*2**20;function Ho(r,e,t,a){let o=Math.ceil(r/t),s=Math.max(1,Math.floor(a/(e*t)));return Math.ceil(o/Math.ceil(o/s))*t}function zr(r,e,{tile:t,registers:a},o=qo){let{rec:s,batch:n,height:i,width:l,in4:d,out4:c,options:u,software:p}=r,f=e.sources.reduce((A,N)=>A+P(R(N)),0),m=P(e.target),h=(t+2)**2,g=+(e.role==="forward"),v=!s.training,w=t===2?r.weight.tensor.type:"f32",y=p?8:V,x=s.tensor([h,f*4,m*4],`${u.name}.winograd weights`,{layout:"flat",type:w,lifetime:v?"persistent":"planned"});s.dispatch(zo,{weight:r.weight,u:x},{params:{in4:d,out4:c,source4:f,target4:m,first4:e.first4},constants:{TILE:t,WORKGROUP:y,FORWARD:g},invocations:f*4*m,workgroup:y,once:v});let[_,T]=[Math.ceil(l/t),Math.ceil(i/t)],$=n*_*T,E=Ho($,h*(f+m)*4*W[w],a?16:64,o),U=s.tensor([h,E,f*4],`${u.name}.winograd inputs`,{layout:"flat",type:w}),O=s.tensor([h,E,m*4],`${u.name}.winograd products`,{layout:"flat",type:w});for(let A=0;A<$;A+=E){let N=Math.min(E,$-A),L={height:i,width:l,first:A,count:N,stored:E,across:_,down:T},Q=0;for(let J of e.sources){let se=R(J),Z=P(se);s.dispatch(Wo,{x:se,v:U},{params:{...L,x4:Z,first4:Q,source4:f,shift:K(J)},constants:{TILE:t,WORKGROUP:y},invocations:N*Z,workgroup:y}),Q+=Z}a?s.dispatch(jo,{v:U,u:x,m:O},{params:{parts:h,rows:E,source4:f,target4:m},constants:{WORKGROUP:y},invocations:h*(E/16)*Math.ceil(m/4),workgroup:y,flops:2*h*E*f*4*m*4}):Sr(s,{v:U,u:x,m:O},{batch:h,rows:E,source4:f,target4:m}),s.dispatch(Vo,{m:O,bias:r.bias,activated:e.residual??e.activated,y:e.target},{params:{...L,target4:m,accumulate:Number(e.accumulate),activation:e.activation},constants:{TILE:t,WORKGROUP:y,FORWARD:g,RESIDUAL:+(e.residual!==void 0)},invocations:N*m,workgroup:y})}}var Qo={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"},types:{value4:["x","y"]}},Jo={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},Wr=({shape:[r,e,t,a]})=>({batch:r,height:e,width:t,c4:C(a)/4});function Vr(r,e,t,a="up",o=new Set){let[s,n,i,l]=e.shape,d=r.tensor([s,n*2,i*2,l],a,{type:e.type});return r.within(a,()=>{r.dispatch(Qo,{x:e,y:d},{params:Wr(e),constants:{BILINEAR:+(t==="bilinear")},invocations:M(d)}),o.has(e)?o.add(d):r.gradient(d,c=>wt(r,c,e,t))}),d}function wt(r,e,t,a){let{gradient:o,accumulate:s}=r.gradientOf(t),{activated:n,constants:i}=F(t,e);r.dispatch(Jo,{dy:e,activated:n,dx:o},{params:{...Wr(t),accumulate:Number(s)},constants:{...i,BILINEAR:+(a==="bilinear")},invocations:M(t)})}function jr(r,e,t,a,{variant:o="auto",withoutGradient:s=new Set,residual:n}={}){let{name:i,kernel:l,stride:d,activation:c}=a,u=ht(e,a);if(yr(e,t,a),n&&n.tensor.shape.join()!==u.join()){let y=k(n.tensor.shape);throw new b(`Cannot record conv2d "${i}": it gives ${k(u)}, the residual is ${y}`)}if(r.training&&t.type!=="f32")throw new b(`Cannot record conv2d "${i}": parameters of f16 are for inference alone`);let p=r.tensor(u,i,{type:t.type}),f=t.range(r,`${i}.weight`),m=t.range(r,`${i}.bias`),{software:h}=t.adapter,g={rec:r,sources:e,options:a,y:p,weight:f,bias:m,kernel:l,stride:d,software:h,...gr(e,p)},v=y=>{let x=o==="auto"?_r(t.choices,g,y):o;return wr(x,t.adapter,g,y)},w=!r.training&&v("forward")!=="naive"?n?.tensor:void 0;return pr(p,w?"none":c),r.within(i,()=>{bt(r,"forward",()=>{qr(g,{role:"forward",sources:e,target:p,activation:dr(c),activated:R(e[0]),first4:0,accumulate:!1,residual:w},v("forward"))}),r.gradient(p,y=>{bt(r,"weight-gradient",()=>{Lr(g,y,t,v("weight-gradient"))||Dr(g,y,t)});let x=0;for(let _ of e){let T=R(_);bt(r,"input-gradient",()=>{s.has(T)||Yo(g,y,_,x,v("input-gradient"))}),x+=P(T)}})}),n&&!w?Ke(r,n.tensor,p,n.name,s):p}function bt(r,e,t){r.within(e,t)}function qr(r,e,t){t==="naive"?$r(r,e):t==="tile8"||t==="tile8x4"||t==="tile8x4x16"?Ir(r,e,t):t in Te?kr(r,e,Te[t]):zr(r,e,Br[t])}function Yo(r,e,t,a,o){let{rec:s}=r,n=R(t),i="upsampled"in t?s.tensor([r.batch,r.height,r.width,n.shape[3]],`d(${n.name} upsampled)`):void 0,{gradient:l,accumulate:d}=i?{gradient:i,accumulate:!1}:s.gradientOf(n),{activated:c,constants:u}=i?{activated:e,constants:{ACTIVATION:0}}:F(n,e);qr(r,{role:"input-gradient",sources:[e],target:l,activation:u.ACTIVATION,activated:c,first4:a,accumulate:d},o),i&&wt(s,i,n,"nearest")}var Xo={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"},types:{value4:["x","y"]}},Zo={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Hr(r,e,t="pool"){let[a,o,s,n]=e.shape,i=C(n)/4,l=r.tensor([a,le(o,2),le(s,2),n],t,{type:e.type}),d=r.tensor([M(l)],`${t}.argmax`,{layout:"flat"}),c={batch:a,height:o,width:s,c4:i};return r.within(t,()=>{r.dispatch(Xo,{x:e,y:l,argmax:d},{params:c,invocations:M(l)}),r.gradient(l,u=>{let{gradient:p,accumulate:f}=r.gradientOf(e),{activated:m,constants:h}=F(e,u);r.dispatch(Zo,{dy:u,argmax:d,activated:m,dx:p},{params:{...c,accumulate:Number(f)},constants:h,invocations:M(e)})})}),l}var Qr=["values","gradients","moment1","moment2","average"],xt=256,Be=class{specs;type;length;#e;#r=new Map;#t=new Map;#o=new WeakMap;constructor(e,t,a="f32"){this.#e=e,this.specs=t,this.type=a;let o=0;for(let s of t){let n=Jr(s);this.#r.set(s.name,{spec:s,offset:o,length:n}),o=this.#a(o+n)}this.length=o}get adapter(){return this.#e.adapter}get choices(){return this.#e.choices}range(e,t,a="values"){let{offset:o,length:s}=this.#s(t),n=W[this.type];return{tensor:this.whole(e,a),offset:o*n,size:s*n}}span(e,t,a,o){let s=this.range(e,t,o),n=this.range(e,a,o);return Math.ceil((s.offset+s.size)/xt)*xt===n.offset?{...s,size:n.offset+n.size-s.offset}:void 0}whole(e,t){let a=this.#o.get(e);a||this.#o.set(e,a=new Map);let o=a.get(t);return o||(o=e.tensor([this.length],`parameters.${t}`,{layout:"flat",type:this.type,lifetime:"persistent",external:this.#n(t)}),a.set(t,o)),o}upload(e,t="values"){let a=new Float32Array(this.length);for(let{spec:o,offset:s}of this.#r.values()){let n=e.get(o.name);if(!n||n.length!==G(o.shape))throw new b(`Cannot upload ${o.name}: it has ${G(o.shape)} values, got ${n?.length??"none"}`);a.set(ts(n,o),s)}this.#e.write(this.#n(t),0,this.type==="f16"?Ge(a):a)}async download(e="values"){let t=this.length*W[this.type],{device:a}=this.#e,o=this.#e.buffer(`read ${e}`,t,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let s=a.createCommandEncoder();s.copyBufferToBuffer(this.#n(e),0,o,0,t),a.queue.submit([s.finish()]),await o.mapAsync(GPUMapMode.READ),this.#e.check();let n=o.getMappedRange(0,t).slice(0),i=this.type==="f16"?de(new Uint16Array(n)):new Float32Array(n);return new Map([...this.#r.values()].map(({spec:l,offset:d,length:c})=>[l.name,rs(i.subarray(d,d+c),l)]))}finally{this.#e.release(o)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#a(e){let t=xt/W[this.type];return Math.ceil(e/t)*t}#s(e){let t=this.#r.get(e);if(!t)throw new b(`Cannot find the parameter ${e}`);return t}#n(e){let t=this.#t.get(e);if(!t){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;t=this.#e.buffer(`parameters.${e}`,this.length*W[this.type],a),this.#t.set(e,t)}return t}};function es(r){return r.reduce((e,t)=>e+C(t),0)}function Jr({shape:r,sources:e}){if(r.length===1)return C(r[0]);let[t,a,o,s]=r;return t*a*es(e??[o])*C(s)}function ts(r,e){let{shape:t,sources:a}=e,o=t[t.length-1],s=Fe(r,o);if(t.length===1)return s;let n=C(o),i=new Float32Array(Jr(e));return Yr(t,a,(l,d)=>i.set(s.subarray(l*n,(l+1)*n),d*n)),i}function rs(r,e){let{shape:t,sources:a}=e,o=t[t.length-1];if(t.length===1)return _e(r,o).slice(0,o);let s=C(o),n=new Float32Array(G(t.slice(0,-1))*s);return Yr(t,a,(i,l)=>n.set(r.subarray(l*s,(l+1)*s),i*s)),_e(n,o).slice()}function Yr(r,e,t){let a=r[0]*r[1],o=0,s=0;for(let n=0;n<a;n++)for(let i of e??[r[2]]){for(let l=0;l<i;l++)t(o++,s+l);s+=C(i)}}var as={name:"pixel_shuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"},types:{value:["x","y"],value4:["y"]}},os={name:"pixel_shuffle_grad",params:["batch","height","width","channels","factor","x_c4","y_c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Xr(r,e,t,a="shuffle"){let[o,s,n,i]=e.shape,l=i/t**2;if(!Number.isInteger(l))throw new b(`Cannot record pixel shuffle "${a}": ${k(e.shape)} has no multiple of ${t**2} channels`);let d=r.tensor([o,s*t,n*t,l],a,{type:e.type}),c={batch:o,height:s,width:n,channels:l,factor:t,x_c4:C(i)/4,y_c4:C(l)/4};return r.within(a,()=>{r.dispatch(as,{x:e,y:d},{params:c,invocations:M(d)}),r.gradient(d,u=>{let{gradient:p,accumulate:f}=r.gradientOf(e),{activated:m,constants:h}=F(e,u);r.dispatch(os,{dy:u,activated:m,dx:p},{params:{...c,accumulate:Number(f)},constants:h,invocations:M(e)})})}),d}function Ae(r,e,t="f32"){let a=Y(e),o=new Map(a.nodes.flatMap(s=>s.op==="conv2d"?[[`${s.name}.weight`,s.inChannels]]:[]));return new Be(r,a.parameters.map(s=>({...s,sources:o.get(s.name)})),t)}function Re(r,e,t,a,o={}){let s=$e(t),[,n,i,l]=e.shape;if(n%s||i%s||l!==t.channels)throw new b(`Cannot record the U-Net: the image is ${n}×${i}×${l}, it takes multiples of ${s} and ${t.channels} channels`);let d=Y(t),c=new Map([["image",e]]),u=new Set([e]),p=m=>{let h=c.get(m);if("upsampled"in h)throw new b(`Cannot record the U-Net: ${m} is read by more than a convolution`);return h},f=ss(d);for(let m of d.nodes)if(!c.has(m.output))if(m.op==="conv2d"){let h=m.inputs.map(y=>c.get(y)),g=f.get(m.output),v=g&&{tensor:p(g.inputs[0]),name:g.output},w=jr(r,h,a,m,{...o,withoutGradient:u,residual:v});c.set(g?.output??m.output,w)}else if(m.op==="maxPool")c.set(m.output,Hr(r,p(m.input),m.output));else if(m.op==="add"||m.op==="addAtExtremes"){let[h,g]=m.inputs.map(p),v=m.op==="add"?Ke:hr;c.set(m.output,v(r,h,g,m.output,u))}else m.op==="pixelShuffle"?c.set(m.output,Xr(r,p(m.input),m.factor,m.output)):m.mode==="nearest"?c.set(m.output,{upsampled:p(m.input)}):c.set(m.output,Vr(r,p(m.input),m.mode,m.output,u));return p(d.output)}function ss({nodes:r,output:e}){let t=new Map([[e,1]]);for(let s of r)for(let n of"inputs"in s?s.inputs:[s.input])t.set(n,(t.get(n)??0)+1);let a=new Set(r.flatMap(s=>s.op==="conv2d"?[s.output]:[])),o=r.filter(s=>s.op==="add");return new Map(o.flatMap(s=>{let[,n]=s.inputs;return a.has(n)&&t.get(n)===1?[[n,s]]:[]}))}var ns={name:"squared_norm",params:["count","slice_vec4s","slices"],bindings:{g:"read",partials:"read_write"}},is={name:"adam",params:["count"],bindings:{now:"uniform",g:"read",norm:"read",p:"read_write",m:"read_write",v:"read_write",average:"read_write"},updates:["p","m","v","average"]};function Zr(r,e,t="adam"){let a=r.scalars(t,12),o=e.whole(r,"gradients"),s=M(o),{slices:n,each:i}=H(s,1024),l=r.tensor([n*4],"norm partials",{layout:"flat"}),d=r.tensor([4],"squared norm",{layout:"flat",lifetime:"persistent"});return r.within(t,()=>{r.dispatch(ns,{g:o,partials:l},{params:{count:s,slice_vec4s:i,slices:n},invocations:n}),B(r,l,d,n);let[c,u,p,f]=["values","moment1","moment2","average"].map(m=>e.whole(r,m));r.dispatch(is,{now:a,g:o,norm:d,p:c,m:u,v:p,average:f},{params:{count:s},invocations:s})}),{squaredNorm:d}}function ea(r){let{learningRate:e,step:t,beta1:a=.9,beta2:o=.999,epsilon:s=1e-8,decay:n=0,maxNorm:i=0,ema:l=.999}=r,d=c=>1/(1-Math.fround(c)**t);return Float32Array.of(e,a,o,s,d(a),d(o),n,i,l,0,0,0)}var ls=["mse","l1","charbonnier"],cs={name:"loss",params:["count","c4","channels","slice_vec4s","slices","image_vec4s","scale:f32","per_pixel:f32","colour_weight:f32"],bindings:{y:"read",goal:"read",weights:"read",sums:"read",dy:"read_write",partials:"read_write"}},ds={name:"loss_mean_error",params:["images","pixels","c4","slice_pixels","slices"],bindings:{y:"read",goal:"read",partials:"read_write"}},us=1024,ps=64;function ta(r,e,t,a,{weights:o,colourWeight:s=0}={}){if(e.shape.join()!==t.shape.join())throw new b(`Cannot record loss: output is ${k(e.shape)}, target is ${k(t.shape)}`);if(me(e)!=="none")throw new b(`Cannot record loss: ${e.name} has an activation fused into it, whose slope the loss does not know`);if(o&&o.shape[0]<e.shape[0])throw new b(`Cannot record loss: ${o.shape[0]} weights are too few for ${e.shape[0]} images`);let n=e.shape[e.shape.length-1],i=M(e),{slices:l,each:d}=H(i,us),c=r.tensor([l*4],"loss partials",{layout:"flat"}),u=r.tensor([4],"loss",{layout:"flat",lifetime:"persistent"});return r.within("loss",()=>{let p=s>0?ms(r,e,t):void 0;r.dispatch(cs,{y:e,goal:t,weights:o??t,sums:p??t,dy:r.gradientOf(e).gradient,partials:c},{params:{count:i,c4:C(n)/4,channels:n,slice_vec4s:d,slices:l,image_vec4s:i/e.shape[0],scale:1/ut(e),per_pixel:e.shape[0]*n/ut(e),colour_weight:s},constants:{KIND:ls.indexOf(a),COLOUR:+(p!==void 0),WEIGHTED:+(o!==void 0)},invocations:l}),B(r,c,u,l)}),u}function ms(r,e,t){let a=e.shape[0],o=C(e.shape[e.shape.length-1])/4,s=M(e)/(a*o),{slices:n,each:i}=H(s,ps),l=a*o,d=r.tensor([n*l*4],"error partials",{layout:"flat"}),c=r.tensor([l*4],"error sums",{layout:"flat"});return r.dispatch(ds,{y:e,goal:t,partials:d},{params:{images:a,pixels:s,c4:o,slice_pixels:i,slices:n},invocations:n*l}),B(r,d,c,n),c}function ra(r,e){let t=0;for(let a=0;a<e.length;a++)t+=(Math.min(Math.max(r[a],0),1)-e[a])**2;return Math.min(-10*Math.log10(t/e.length),60)}var aa=Qr.filter(r=>r!=="gradients"),ze=class r{#e;#r;#t;#o;#a;#s;#n=0;#i;constructor(e,t,a,o){let{topology:s}=t;this.#o=e,this.#a=s,this.#s=t,this.#t=a,this.#e=o,this.#r=Ae(e,s)}static async create(e,t){let{topology:a,batch:o,patch:s}=t,n=Ae(e,a),i=new re({training:!0}),l=i.input("x",[o,s,s,a.channels]),d=s*a.scale,c=i.input("target",[o,d,d,a.channels]),u=Re(i,l,a,n),f=(t.balance??0)>0?i.scalars("weights",o):void 0,m=ta(i,u,c,t.loss,{weights:f,colourWeight:t.colourWeight});i.backward();let{squaredNorm:h}=Zr(i,n),g=i.scalars("total loss",4);B(i,m,g,1,!0),i.output("total loss",g),i.output("squared norm",h);try{let v=await ke(e,i);return await Promise.all(["total loss","squared norm"].map(w=>v.read(w))),new r(e,t,v,n)}catch(v){throw n[Symbol.dispose](),v}}start(e){let t=new Map([...e].map(([a,o])=>[a,new Float32Array(o.length)]));this.load({values:new Map(e),moment1:t,moment2:t,average:new Map(e)})}load(e){for(let t of aa)this.#e.upload(e[t],t);this.#c()}step(e,t){this.#l(e,t),this.#t.run(),this.#n++}async profile(e,t){return this.#l(e,t),this.#n++,await this.#t.profile()}#l(e,t){this.#t.write("x",e.input),this.#t.write("target",e.target);let{batch:a,balance:o=0}=this.#s;o>0&&this.#t.write("weights",hs(e,a,o)),this.#t.write("adam",ea(t))}async look(){let e=this.#n,t=Promise.all([this.#t.read("total loss"),this.#t.read("squared norm")]);this.#c();let[[a],[o]]=await t;return{loss:a/e,gradientNorm:Math.sqrt(o)}}async state(){let e={};for(let t of aa)e[t]=await this.#e.download(t);return e}async validate(e,t){let{channels:a,scale:o}=this.#a;if(this.#i?.size!==t){this.#i?.plan[Symbol.dispose]();let c=new re({training:!1});c.output("y",Re(c,c.input("x",[1,t,t,a]),this.#a,this.#r)),this.#i={plan:await ke(this.#o,c),size:t}}this.#r.upload(await this.#e.download("average"));let{plan:s}=this.#i;s.refresh();let n=t*t*a,i=e.input.length/n,l=n*o**2,d=0;for(let c=0;c<i;c++){s.write("x",e.input.subarray(c*n,(c+1)*n)),s.run();let u=await s.read("y");d+=ra(u,e.target.subarray(c*l,(c+1)*l))}return d/i}async model(e={}){let t=await this.#e.download("average");return{topology:this.#a,parameters:t,info:Ie({loss:fs(this.#s),...e})}}#c(){this.#t.write("total loss",new Float32Array(4)),this.#n=0}[Symbol.dispose](){this.#i?.plan[Symbol.dispose](),this.#t[Symbol.dispose](),this.#e[Symbol.dispose](),this.#r[Symbol.dispose]()}};function fs({loss:r,colourWeight:e=0}){return e>0?`${r} + ${e} colour`:r}function hs({input:r,target:e},t,a){let o=new Float32Array(Math.ceil(t/4)*4),s=r.length/t;for(let n=0;n<t;n++){let i=0;for(let l=n*s;l<(n+1)*s;l++)i+=(r[l]-e[l])**2;o[n]=(.003/(i/s+5e-4))**a}return o}function oa(){return self}function We(r){return(r instanceof Error?r.message:String(r)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var gs=2e8,ys=2048,Ve=class r{paired=!1;photos;skipped;#e;constructor(e,t,a){this.photos=e,this.#e=t,this.skipped=a}static async open(e,t){let a=[],o=[],s=[],n=Math.min(ys,Math.floor(Math.sqrt(gs/Math.max(e.length,1))));for(let[i,l]of e.entries()){let d=l.webkitRelativePath||l.name;try{let{width:c,height:u,rgb:p}=await vs(l,n);a.push({name:d,width:c,height:u}),o.push(p)}catch(c){s.push(`${d}: ${We(c)}`)}t(i+1,e.length)}if(a.length===0)throw new S(`None of the ${e.length} files is a photo that this browser can read; choose PNG, JPEG or WebP files`);return new r(a,o,s)}load(e){return Promise.resolve({high:this.#e[e]})}handle(){throw new Error("Cannot open these photos in another thread")}};async function vs(r,e){let t=await createImageBitmap(r,{imageOrientation:"from-image"}),a=Math.min(1,e/Math.max(t.width,t.height)),[o,s]=[t.width,t.height].map(d=>Math.max(1,Math.round(d*a))),n=new OffscreenCanvas(o,s).getContext("2d",{willReadFrequently:!0});n.imageSmoothingQuality="high",n.drawImage(t,0,0,o,s),t.close();let{data:i}=n.getImageData(0,0,o,s),l=new Uint8Array(o*s*3);for(let d=0,c=0;c<l.length;d+=4,c+=3)l[c]=i[d],l[c+1]=i[d+1],l[c+2]=i[d+2];return{width:o,height:s,rgb:l}}var ws=2,je=class{topology;#e;#r;#t=new Map;#o=new Map;constructor(e,t,a={}){let{precision:o="f32"}=a;if(o==="f16"&&!e.half)throw new b("Cannot run in f16: the device was opened without it");this.topology=t.topology,this.#e=e,this.#r=Ae(e,t.topology,o),this.#r.upload(t.parameters)}async predict(e,t){let a=await this.#a(t);return a.write("image",e),a.run(),await a.read("restored")}async#a(e){let t=e.join("×"),a=this.#t.get(t);if(a)return this.#t.delete(t),this.#t.set(t,a),a;let o=this.#o.get(t);return o||(o=this.#s(t,e).finally(()=>this.#o.delete(t)),this.#o.set(t,o)),await o}async#s(e,t){let a=new re({training:!1});a.output("restored",Re(a,a.input("image",t),this.topology,this.#r));let o=await ke(this.#e,a);this.#t.set(e,o);for(let[s,n]of this.#t){if(this.#t.size<=ws)break;this.#t.delete(s),n[Symbol.dispose]()}return o}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var qe=class extends Error{name="TileTooLargeError"};function bs(r,e="f32"){return r.software?256:e==="f16"?1448:1024}var He=class{topology;device;preferredTile;precision;concurrency=2;#e;#r;#t;constructor(e,t,a,o={}){this.topology=t,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.precision=o.precision??"f32",this.preferredTile=bs(e.adapter,this.precision),this.#e=e,this.#r=o.owned??!1,this.#t=new je(e,{topology:t,parameters:a},{precision:this.precision})}async run(e,t,a){try{return await this.#t.predict(e,[1,t,a,this.topology.channels])}catch(o){let s=await this.#e.loss();throw s?new te(s.message,{cause:o}):o instanceof D?new qe(o.message,{cause:o}):o}}get times(){let{prepare:e,upload:t,compute:a,download:o}=this.#e.times;return{prepare:e,upload:t,network:a,download:o}}[Symbol.dispose](){this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};function sa(r){let e=new Uint8ClampedArray(r.length/3*4);for(let t=0,a=0;t<r.length;t+=3,a+=4){for(let o=0;o<3;o++)e[a+o]=255*r[t+o];e[a+3]=255}return e}var _t=4,xs=96,_s=60,Qe=class r{#e;#r;#t;#o;constructor(e,t,a){this.#e=e,this.#r=t,this.#t=a;let o=this.#n(t.input);this.#o=o.indexOf(Math.min(...o))}static async draw(e,t){let a=$e(t.topology),o=Math.ceil(xs/a)*a;return new r(t.topology,await $t(e,{...t,count:_t,size:o}),o)}async measure(e,t){var l=[];try{let a=ge(l,new He(e,this.#e,t));let{input:o,target:s}=this.#r;let n=new Float32Array(o.length);for(let p=0;p<_t;p++)n.set(await a.run(this.#s(o,p),this.#t,this.#t),p*this.#a);let i=p=>sa(this.#s(p,this.#o));return{psnr:{damaged:na(this.#n(o)),restored:na(this.#n(n))},preview:{size:this.#t,damaged:i(o),restored:i(n),original:i(s)}}}catch(d){var c=d,u=!0}finally{Oe(l,c,u)}}get#a(){return this.#t*this.#t*3}#s(e,t){return e.slice(t*this.#a,(t+1)*this.#a)}#n(e){return Array.from({length:_t},(t,a)=>{let o=0;for(let s=a*this.#a;s<(a+1)*this.#a;s++)o+=(Math.min(Math.max(e[s],0),1)-this.#r.target[s])**2;return Math.min(-10*Math.log10(o/this.#a),_s)})}};function na(r){return r.reduce((e,t)=>e+t,0)/r.length}async function ia({name:r,url:e,bytes:t}){if(t)return dt(t,r);let a=await fetch(e).catch(o=>{throw new S(`Cannot fetch the model ${r}: ${o.message}`,{cause:o})});if(!a.ok)throw new S(`Cannot fetch the model ${r}: the server answered ${a.status}`);return dt(new Uint8Array(await a.arrayBuffer()),r)}var la="l1",ks=.05,Ss=2500,Ts=8,oe=oa(),Pe=!1;oe.onmessage=({data:r})=>{if(r.kind==="stop"){Pe=!0;return}Pe=!1,As(r.training).catch(e=>oe.postMessage({kind:"failed",message:We(e)}))};async function As(r){var T=[];try{let{steps:e,batch:t,patch:a,seed:o,lookEvery:s}=r;let n=It(r.recipe);let i=await Rs(r);let{topology:l}=i;let d=ge(T,await Bt());let c=await Ve.open(r.files,(O,A)=>oe.postMessage({kind:"decoding",done:O,total:A}));let u=Gt(c.photos,ks,o);let p=new ve(c,{patch:a,batch:t,seed:o,recipe:n,indices:u.train});let f=await Qe.draw(c,{indices:u.validation,recipe:n,seed:o,topology:l});let m=ge(T,await ze.create(d,{topology:l,batch:t,patch:a,loss:la}).catch(O=>{throw O instanceof D?new S(`${t} patches of ${a}×${a} do not fit into the GPU's memory: choose less`):O}));m.start(i.parameters);oe.postMessage({kind:"ready",device:d.adapter.name,photos:c.photos.length,skipped:c.skipped,parameters:[...i.parameters.values()].reduce((O,{length:A})=>O+A,0)});let h=performance.now();let g=0;let v=0;for(;g<e&&!Pe;){if(m.step(await p.batch(g),er(g+1,{peak:r.learningRate,steps:e})),g++,await new Promise(Z=>setTimeout(Z)),g%s!==0&&g<e&&!Pe)continue;let{loss:O}=await m.look();if(!Number.isFinite(O))throw new S(`The loss is no longer finite at step ${g}: try a smaller learning rate`);let A=performance.now(),N=g/(A-h)*1e3;if(A<v&&g<e&&!Pe){oe.postMessage({kind:"progress",step:g,loss:O,stepsPerSecond:N});continue}let{average:L}=await m.state(),{psnr:Q,preview:J}=await f.measure(d,L);oe.postMessage({kind:"progress",step:g,loss:O,stepsPerSecond:N,psnr:Q,preview:J},[J.restored.buffer]);let se=performance.now()-A;v=performance.now()+Math.max(Ss,Ts*se)}let{average:w}=await m.state();let{psnr:y}=await f.measure(d,w);let x=Ie({name:"own",recipe:n.text,seed:o,steps:g,loss:la,data:`${c.photos.length} photos of one's own`,metrics:{"held-out psnr":Number(y.restored.toFixed(3))},created:new Date().toISOString(),version:At,note:r.init?`trained in a web page, from the weights of ${r.init.name}`:"trained in a web page"});let _=Yt({topology:l,parameters:w,info:x});oe.postMessage({kind:"done",step:g,stopped:g<e,file:_},[_.buffer])}catch($){var E=$,U=!0}finally{Oe(T,E,U)}}async function Rs(r){if(r.init)return await ia(r.init);let e=Ne({base:r.base,depth:r.depth});return{topology:e,parameters:zt(e,r.seed)}}
